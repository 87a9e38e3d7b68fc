"""How each network is connected, and what the installation must have for it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Connection:
    """One way to connect a channel. `settings` are the ones without which it cannot be offered."""

    key: str
    name: "StrOrPromise"
    url_name: str
    summary: "StrOrPromise"
    settings: tuple[str, ...] = ()
    keys_from: str = ""  # where an operator gets those settings

    @property
    def missing(self) -> list[str]:
        return [name for name in self.settings if not getattr(settings, name)]


CONNECTIONS = (
    Connection(
        key="x",
        name="X",
        url_name="channel_connect_x",
        summary=_("You are sent to X, say yes there, and come back."),
        settings=("X_CLIENT_ID", "X_CLIENT_SECRET"),
        keys_from="https://developer.x.com/en/portal/dashboard",
    ),
    Connection(
        key="bluesky",
        name="Bluesky",
        url_name="channel_connect_bluesky",
        summary=_("Any account. You need an app password from its settings."),
    ),
    Connection(
        key="mastodon",
        name="Mastodon",
        url_name="channel_connect_mastodon",
        summary=_("Any server. You need an access token from your account's settings there."),
    ),
    Connection(
        key="sandbox",
        name=_("Sandbox"),
        url_name="channel_connect_sandbox",
        summary=_("A pretend network inside the studio, with a timeline of its own: for trying things out."),
    ),
)


def connection_for(network: str) -> Connection | None:
    """How accounts of `network` are connected; none where that is not built yet."""
    return next((connection for connection in CONNECTIONS if connection.key == network), None)
