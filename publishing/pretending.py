"""How the pretend network treats a sandbox channel, so that one sees what happens when a network misbehaves."""

from django.db import transaction
from django.utils.translation import gettext as _

from organizations.problems import Conflict

from .adapters.sandbox import Behaviour
from .models import Channel


def behaviour_of(channel: Channel) -> dict:
    """`behaviour` and `times`: for how many posts more, or none until it is changed."""
    now = channel.options.get("sandbox", {})
    return {"behaviour": now.get("behaviour", Behaviour.NORMAL), "times": now.get("times")}


@transaction.atomic
def behave(channel: Channel, *, behaviour: str, times: int | None = None) -> None:
    """From the next post on. Raises Conflict for a channel on a real network."""
    if not channel.sandbox:
        raise Conflict(_("This is a channel on a real network: only a sandbox channel can be told how to behave."))
    stored = Channel.objects.select_for_update().only("options").get(pk=channel.pk)
    stored.options = channel.options = {**stored.options, "sandbox": {"behaviour": behaviour, "times": times}}
    stored.save(update_fields=["options"])
