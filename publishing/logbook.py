"""What people do with channels and with publishing as a whole, noted in their organization's log."""

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from organizations import logbook

from .models import Channel

ENTRIES = (
    ("connect_channel", _("Connect a channel"), _("Connected the channel “%(name)s” on %(network)s")),
    ("disconnect_channel", _("Disconnect a channel"), _("Disconnected the channel “%(name)s” on %(network)s")),
    ("rename_channel", _("Rename a channel"), _("Renamed the channel “%(before)s” on %(network)s “%(name)s”")),
    ("suspend_channel", _("Suspend a channel"), _("Suspended the channel “%(name)s” on %(network)s")),
    ("resume_channel", _("Resume a channel"), _("Resumed the channel “%(name)s” on %(network)s")),
    ("suspend", _("Stop publishing"), _("Stopped all publishing. Reason: %(reason)s")),
    ("resume", _("Resume publishing"), _("Resumed publishing")),
    ("change_policy", _("Change the publishing policy"), _("Changed the publishing policy: %(changes)s")),
)


def register(actions) -> None:
    logbook.register(actions, "publishing", ENTRIES)


def note(channel: Channel, action: str, *, user, **more: str) -> None:
    """Notes that `user` has done `action`, one of `ENTRIES`, with the channel; `more` is what its sentence names."""
    data = {"name": channel.name, "network": str(channel.get_network_display()), **more}
    log(channel.organization, f"publishing.{action}", user=user, data=data)
