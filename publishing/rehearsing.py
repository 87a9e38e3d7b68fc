"""Dry runs: the exact requests that would be sent to a network, without sending any; and test posts to oneself."""

import copy
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from organizations.problems import Conflict, Problem

from .adapters import ADAPTERS, adapter_for
from .adapters.rehearsal import RehearsalWire
from .errors import PublishingError, ReconnectNeeded
from .health import ask_for_reconnecting
from .messages import Message, PublishedSegment, Segment
from .models import Channel, Network, PublishingPolicy
from .networks import rules_for

UNKNOWN_ACCOUNT: dict[str, str] = {
    Network.LINKEDIN: "urn:li:person:your-account",
    Network.BLUESKY: "did:plc:your-account",
}


class TestFailed(Problem):
    slug = "test-failed"
    status = 422
    title = "The test post was not sent"


@dataclass
class Rehearsal:
    """What would be sent, in order, and why it would end early, where it would."""

    channel: Channel
    requests: list[dict] = field(default_factory=list)  # method, url, headers, sent, times
    problem: str = ""


def rehearse(channel: Channel, message: Message, *, idempotency_key: str = "") -> Rehearsal:
    """The exact requests that publishing `message` through `channel` makes. Nothing leaves this machine.

    Of a sandbox channel: what the network that it imitates would be sent. Where
    a request needs what an earlier one brings, a word stands in for it.
    """
    adapter_class = ADAPTERS[channel.network]
    adapter = adapter_class(_stand_in(channel), wire=partial(RehearsalWire, answers=adapter_class.rehearsal))
    key = idempotency_key or str(uuid7())
    problem = ""
    try:
        published = adapter.publish(message, idempotency_key=key)
        if adapter.takes_comment(message):
            adapter.comment(message, published, idempotency_key=key)
    except PublishingError as err:
        problem = err.message
    if not problem:
        findings = rules_for(channel.network).check(message, limits=channel.limits)
        problem = " ".join(str(finding.message) for finding in findings if finding.blocking)
    return Rehearsal(channel=channel, requests=adapter.exchanges, problem=problem)


def _stand_in(channel: Channel) -> Channel:
    """The channel without its secrets, and with an account where it has none."""
    stand_in = copy.copy(channel)
    known = {name: value for name, value in channel.credentials.items() if name == "login"}
    stand_in.credentials = {"access_token": "…", "access_jwt": "…", **known}
    stand_in.token_expires_at = None
    stand_in.remote_id = channel.remote_id or UNKNOWN_ACCOUNT.get(channel.network, "your-account")
    servers: dict[str, str] = {Network.MASTODON: "https://your.server", Network.BLUESKY: settings.BLUESKY_SERVICE}
    stand_in.base_url = channel.base_url or servers.get(channel.network, "")
    return stand_in


def may_test(channel: Channel) -> bool:
    """True where the network has a post that nobody but its author sees."""
    return adapter_for(channel).only_for_oneself is not None


def send_test(channel: Channel, *, text: str) -> PublishedSegment:
    """Sends a post that only the account itself sees. Raises TestFailed, or Conflict while nothing may leave."""
    adapter = adapter_for(channel)
    if adapter.only_for_oneself is None:
        raise TestFailed(
            _("%(network)s has no posts that only their author sees. Look at a dry run instead.")
            % {"network": adapter.name}
        )
    if channel.state != Channel.State.CONNECTED or PublishingPolicy.of(channel.organization).suspended_at:
        raise Conflict(_("Nothing leaves through this channel at the moment, so no test post does."))
    message = Message(segments=(Segment(text=text.strip()),), options=adapter.only_for_oneself)
    try:
        published = adapter.publish(message, idempotency_key=str(uuid7()))
    except PublishingError as err:
        if isinstance(err, ReconnectNeeded):
            ask_for_reconnecting(channel, reason=err.message)
        raise TestFailed(err.message) from err
    Channel.objects.filter(pk=channel.pk).update(last_success_at=timezone.now())
    return published.segments[0]
