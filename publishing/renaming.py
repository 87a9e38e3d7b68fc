"""What an organization calls a channel."""

from django.db import transaction

from webhooks.events import EventType

from .logbook import note
from .models import Channel
from .telling import tell_of_channel

RENAMED = "renamed"  # in a channel's options: its name is the organization's own, not the account's


@transaction.atomic
def rename_channel(channel: Channel, *, name: str, user) -> None:
    """Connecting the account again keeps the name. The same name again changes nothing."""
    stored = Channel.objects.select_for_update().select_related("organization").get(pk=channel.pk)
    before = stored.name
    if name != before:
        stored.name, stored.options = name, {**stored.options, RENAMED: True}
        stored.save(update_fields=["name", "options"])
        note(stored, "rename_channel", user=user, before=before)
        tell_of_channel(stored, EventType.CHANNEL_RENAMED, user=user, before=before)
    channel.name, channel.options = stored.name, stored.options


def has_own_name(channel: Channel) -> bool:
    """True where the organization has given the channel a name."""
    return bool(channel.options.get(RENAMED))
