"""How each network is connected, and what the installation must have for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .adapters.linkedin import ORGANIZATION
from .models import Channel, Network

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Connection:
    """One way to connect a channel. `settings` are the ones without which it cannot be offered."""

    key: str
    name: "StrOrPromise"
    network: str
    summary: "StrOrPromise"
    settings: tuple[str, ...] = ()
    keys_from: str = ""  # where an operator gets those settings
    advice: "StrOrPromise" = ""  # what an operator has to ask for there
    of_channel: Callable[[Channel], bool] = lambda channel: True
    by_oauth: bool = False

    @property
    def missing(self) -> list[str]:
        return [name for name in self.settings if not getattr(settings, name)]

    @property
    def url(self) -> str:
        if self.by_oauth:
            return reverse("channel_authorize", args=[self.key])
        return reverse(f"channel_connect_{self.key}")

    def url_for(self, organization, *, channel: Channel | None = None) -> str:
        """Where one of the people who may connect channels of `organization` does so, whichever they work in now."""
        address = settings.BASE_URL + reverse("channel_authorize_for", args=[self.key, organization.pk])
        return f"{address}?{urlencode({'channel': channel.pk})}" if channel else address

    @property
    def callback(self) -> str:
        """The address that an operator gives the network."""
        return settings.BASE_URL + reverse("channel_authorized", args=[self.key]) if self.by_oauth else ""


CONNECTIONS = (
    Connection(
        key="x",
        name="X",
        network=Network.X,
        summary=_("You are sent to X, say yes there, and come back."),
        settings=("X_CLIENT_ID", "X_CLIENT_SECRET"),
        keys_from="https://developer.x.com/en/portal/dashboard",
        advice=_("Make a project with an app, and set up user authentication as a web app."),
        by_oauth=True,
    ),
    Connection(
        key="linkedin",
        name=_("LinkedIn profile"),
        network=Network.LINKEDIN,
        summary=_("Your own profile. You are sent to LinkedIn, say yes there, and come back."),
        settings=("LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET"),
        keys_from="https://www.linkedin.com/developers/apps",
        advice=_("Add the products “Share on LinkedIn” and “Sign In with LinkedIn using OpenID Connect” to the app."),
        of_channel=lambda channel: not channel.remote_id.startswith(ORGANIZATION),
        by_oauth=True,
    ),
    Connection(
        key="linkedin-pages",
        name=_("LinkedIn pages"),
        network=Network.LINKEDIN,
        summary=_("Pages that you administer. You say yes on LinkedIn, and choose which of them to connect."),
        settings=("LINKEDIN_PAGES_CLIENT_ID", "LINKEDIN_PAGES_CLIENT_SECRET"),
        keys_from="https://www.linkedin.com/developers/apps",
        advice=_("A second app with nothing but the product “Community Management API”, which LinkedIn reviews."),
        of_channel=lambda channel: channel.remote_id.startswith(ORGANIZATION),
        by_oauth=True,
    ),
    Connection(
        key="instagram",
        name="Instagram",
        network=Network.INSTAGRAM,
        summary=_("Business and creator accounts. You say yes there, and choose which of them to connect."),
        settings=("INSTAGRAM_APP_ID", "INSTAGRAM_APP_SECRET"),
        keys_from="https://developers.facebook.com/apps",
        advice=_("Add the product “Instagram” to the app. INSTAGRAM_LOGIN says by which log-in people come."),
        by_oauth=True,
    ),
    Connection(
        key="bluesky",
        name="Bluesky",
        network=Network.BLUESKY,
        summary=_("Any account. You need an app password from its settings."),
    ),
    Connection(
        key="mastodon",
        name="Mastodon",
        network=Network.MASTODON,
        summary=_("Any server. You need an access token from your account's settings there."),
    ),
    Connection(
        key="sandbox",
        name=_("Sandbox"),
        network="",
        summary=_("A pretend network inside the studio, with a timeline of its own: for trying things out."),
    ),
)
BY_KEY = {connection.key: connection for connection in CONNECTIONS}


def connection_for(channel: Channel) -> Connection | None:
    """How the account of `channel` is connected again; none for the sandbox."""
    if channel.sandbox:
        return None
    return next((each for each in CONNECTIONS if each.network == channel.network and each.of_channel(channel)), None)
