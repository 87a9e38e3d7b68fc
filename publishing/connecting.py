"""Connecting an account as a channel, and taking it off again."""

import copy
import re
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.limits import Limit, require_room
from organizations.problems import Conflict, Problem
from webhooks.events import EventType

from .adapters import adapter_for, bluesky, mastodon
from .adapters.wire import Wire
from .errors import PublishingError
from .logbook import note
from .models import Channel, Delivery, FailureNotice, Network
from .renaming import has_own_name
from .secrets import SecretUnreadable
from .telling import tell_of_channel


class ConnectionFailed(Problem):
    slug = "connection-failed"
    status = 422
    title = "The account could not be connected"


def check_room(organization) -> None:
    """Raises LimitReached where the organization's plan allows no further channel."""
    used = Channel.objects.for_organization(organization).exclude(state=Channel.State.DISCONNECTED).count()
    require_room(organization, Limit.CHANNELS, used=used)


@transaction.atomic
def add_sandbox_channel(organization, *, network: str, name: str, handle: str = "", user) -> Channel:
    """A channel on the pretend network that follows the rules of `network`."""
    type(organization).objects.select_for_update().get(pk=organization.pk)
    check_room(organization)
    channel = Channel.objects.create(
        organization=organization,
        network=Network(network),
        sandbox=True,
        name=name,
        handle=handle or name.lower().replace(" ", ""),
        connected_by=user,
    )
    return _connected(channel, user=user)


@transaction.atomic
def reconnect_sandbox_channel(channel: Channel, *, user) -> Channel:
    """The pretend account says yes again. What is connected already stays as it is."""
    type(channel.organization).objects.select_for_update().get(pk=channel.organization_id)
    channel = Channel.objects.select_for_update(of=("self",)).select_related("organization").get(pk=channel.pk)
    if not channel.sandbox:
        raise Conflict(_("This account is connected again where it belongs: on its own network."))
    if channel.state == Channel.State.DISCONNECTED:
        check_room(channel.organization)
    elif channel.state != Channel.State.RECONNECT:
        return channel
    _works_again(channel)
    channel.save()
    return _connected(channel, user=user)


def _works_again(channel: Channel) -> None:
    channel.state, channel.state_reason = Channel.State.CONNECTED, ""
    channel.paused_until, channel.failures_in_a_row, channel.pause_reason = None, 0, ""


@transaction.atomic
def keep_channel(organization, *, network: str, remote_id: str, base_url: str = "", user, **account) -> Channel:
    """Keeps an account that was just authorized: as a new channel, or as the one that it already is.

    An empty refresh token never replaces one that is stored, nor the account's name one that people chose.
    """
    type(organization).objects.select_for_update().get(pk=organization.pk)
    channel = (
        Channel.objects.for_organization(organization)
        .select_for_update()
        .filter(network=network, base_url=base_url, remote_id=remote_id, sandbox=False)
        .first()
    )
    if channel is None or channel.state == Channel.State.DISCONNECTED:
        check_room(organization)
    channel = channel or Channel(
        organization=organization, network=network, base_url=base_url, remote_id=remote_id, connected_by=user
    )
    account["credentials"] = {
        **_stored(channel),
        **{name: value for name, value in account.get("credentials", {}).items() if value},
    }
    if has_own_name(channel):
        account.pop("name", None)
    for name, value in account.items():
        setattr(channel, name, value)
    _works_again(channel)
    channel.save()
    return _connected(channel, user=user)


def _stored(channel: Channel) -> dict:
    """What is known of the account's tokens; nothing where the key that opens them is lost."""
    try:
        return channel.credentials
    except SecretUnreadable:
        return {}


def _connected(channel: Channel, *, user) -> Channel:
    FailureNotice.objects.filter(channel=channel).delete()  # what people were told is over
    note(channel, "connect_channel", user=user)
    tell_of_channel(channel, EventType.CHANNEL_CONNECTED, user=user)
    return channel


def disconnect_channel(channel: Channel, *, user) -> bool:
    """Forgets the account's tokens, and says whether the network has forgotten them too.

    Refused while posts wait to go out through the channel.
    """
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
        waiting = Delivery.objects.filter(
            channel=channel, state__in=[*Delivery.WAITING, Delivery.State.SENDING, Delivery.State.UNKNOWN]
        ).count()
        if waiting:
            raise Conflict(
                _("%(count)s posts still wait to go out through “%(name)s”. Call them off or move them first.")
                % {"count": waiting, "name": channel.name}
            )
        before = copy.copy(channel)
        channel.credentials = {}
        channel.state = Channel.State.DISCONNECTED
        channel.state_reason = _("Disconnected by %(person)s.") % {"person": user}
        channel.token_expires_at = None
        channel.save()
        note(channel, "disconnect_channel", user=user)
        tell_of_channel(channel, EventType.CHANNEL_DISCONNECTED, user=user)
    try:
        return not before.sandbox and not _shares_token(before) and adapter_for(before).revoke()
    except (PublishingError, SecretUnreadable):
        return False  # what is forgotten here stays forgotten


def _shares_token(channel: Channel) -> bool:
    """True where another channel lives by the same authorization, as the pages of one person do."""
    token = channel.credentials.get("access_token")
    others = Channel.objects.for_organization(channel.organization).filter(network=channel.network, sandbox=False)
    return any(other.credentials.get("access_token") == token for other in others.exclude(pk=channel.pk))


# Mastodon: any server, so the address is checked and everything goes over the guarded wire

HOST = re.compile(r"\w(?:[\w.-]*\w)?|[0-9a-f]*:[0-9a-f:.]+")  # a name, or an address of version 4 or 6
TOKEN = re.compile(r"[!-~]+")
MASTODON_SCOPES = ["read:accounts", "read:statuses", "write:media", "write:statuses"]


def server_address(entered: str) -> str:
    """What a person entered as a server (“mastodon.social”, “@me@mastodon.social”) as an address."""
    entered = entered.strip().rstrip("/")
    if entered.startswith("@") and "@" in entered[1:]:
        entered = entered.rsplit("@", 1)[1]
    if "://" not in entered:
        entered = f"https://{entered}"
    schemes = ("https", "http") if settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES else ("https",)
    try:
        parts = urlsplit(entered)
        is_address = parts.scheme in schemes and HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ConnectionFailed(
            _("“%(server)s” is no server's address. Enter one like mastodon.social.") % {"server": entered}
        )
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@contextmanager
def _answering(base_url: str):
    """Explains, by ConnectionFailed, what the server does not accept, and an answer that no such server gives."""
    try:
        yield
    except PublishingError as err:
        raise ConnectionFailed(
            _("%(server)s did not accept this: %(reason)s") % {"server": base_url, "reason": err.message}
        ) from err
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise ConnectionFailed(
            _("%(server)s does not answer as such a server does. Is that its address?") % {"server": base_url}
        ) from err


def connect_mastodon(organization, *, server: str, access_token: str, user) -> Channel:
    """Connects an account on any Mastodon server by an access token that its settings page gave out."""
    base_url, access_token = server_address(server), access_token.strip()
    if not TOKEN.fullmatch(access_token):
        raise ConnectionFailed(_("This is no access token: copy all of it, and nothing else."))
    wire = Wire(name="Mastodon")
    with _answering(base_url):
        api = mastodon.client(wire, base_url=base_url, access_token=access_token)
        account = mastodon.ask(api.account_verify_credentials)
        limits = mastodon.read_limits(wire, base_url=base_url, access_token=access_token)
        known = {
            "remote_id": str(account["id"]),
            "name": (account.get("display_name") or account["username"])[:100],
            "handle": f"@{account['acct']}@{urlsplit(base_url).netloc}"[:200],
        }
    return keep_channel(
        organization,
        network=Network.MASTODON,
        base_url=base_url,
        **known,
        credentials={"access_token": access_token},
        limits=limits,
        scopes=MASTODON_SCOPES,
        last_success_at=timezone.now(),
        user=user,
    )


# Bluesky: an app password, on the account's own server


def connect_bluesky(organization, *, handle: str, app_password: str, server: str = "", user) -> Channel:
    """Connects a Bluesky account by an app password. The account's own server is looked up, not asked for."""
    base_url = server_address(server or settings.BLUESKY_SERVICE)
    wire = Wire(name="Bluesky")
    identifier = handle.strip().lstrip("@")
    with _answering(base_url):
        said = bluesky.create_session(wire, base_url, identifier=identifier, password=app_password.strip()).json()
        services = (said.get("didDoc") or {}).get("service") or []
        own = next((each["serviceEndpoint"] for each in services if each["id"].endswith("#atproto_pds")), base_url)
        known: dict[str, Any] = {
            "base_url": server_address(own),
            "remote_id": str(said["did"]),
            "name": str(said["handle"])[:100],
            "handle": f"@{said['handle']}"[:200],
            "credentials": {
                "app_password": app_password.strip(),
                "access_jwt": said["accessJwt"],
                "refresh_jwt": said["refreshJwt"],
            },
        }
    return keep_channel(
        organization,
        network=Network.BLUESKY,
        **known,
        last_success_at=timezone.now(),
        user=user,
    )
