"""Connecting by OAuth: a person says yes on the network, and chooses which of the accounts become channels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from . import oauth
from .accounts import Account
from .adapters import instagram, linkedin, x
from .adapters.wire import Wire
from .connecting import ConnectionFailed, keep_channel
from .errors import PublishingError
from .models import Channel, Network


@dataclass(frozen=True)
class Way:
    """How one kind of account is connected. `accounts` reads the accounts that a token reply reaches."""

    network: str
    provider: Callable[[], oauth.Provider]
    accounts: Callable[[Wire, dict], list[Account]]
    nothing_found: str = ""  # what to say where the person has no account of the kind


WAYS: dict[str, Way] = {
    "x": Way(Network.X, x.provider, x.accounts),
    "linkedin": Way(Network.LINKEDIN, linkedin.provider, linkedin.accounts),
    "linkedin-pages": Way(
        Network.LINKEDIN,
        lambda: linkedin.provider(pages=True),
        linkedin.page_accounts,
        nothing_found="You administer no page on LinkedIn that posts could be published to.",
    ),
    "instagram": Way(
        Network.INSTAGRAM,
        instagram.provider,
        instagram.accounts,
        nothing_found="No professional Instagram account was found. It has to be a business or creator account.",
    ),
}


def accounts_behind(way: Way, *, code: str, verifier: str, redirect_uri: str) -> list[Account]:
    """The accounts that a person has just opened to us. Raises ConnectionFailed."""
    provider = way.provider()
    wire = Wire(name=provider.name)
    try:
        said = provider.exchange(wire, code=code, verifier=verifier, redirect_uri=redirect_uri)
        found = way.accounts(wire, said)
    except PublishingError as err:
        raise ConnectionFailed(
            _("%(network)s did not accept this: %(reason)s") % {"network": provider.name, "reason": err.message}
        ) from err
    if not found:
        raise ConnectionFailed(_(way.nothing_found))
    return found


def keep_accounts(organization, *, way: Way, accounts: Sequence[Account], user) -> list[Channel]:
    """The chosen accounts as channels: new ones, or those that they already are."""
    return [
        keep_channel(
            organization,
            network=way.network,
            remote_id=account.remote_id,
            name=account.name[:100],
            handle=account.handle[:200],
            credentials=account.credentials,
            scopes=account.scopes,
            token_expires_at=account.token_expires_at,
            last_success_at=timezone.now(),
            user=user,
        )
        for account in accounts
    ]
