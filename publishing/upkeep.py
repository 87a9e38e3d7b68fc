"""How long channels' authorizations hold: renewed ahead where that is possible, and people told where it is not."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import mails
from organizations.models import User
from organizations.roles import Action, roles_that_may
from webhooks.events import EventType

from . import reaching
from .adapters import adapter_for
from .adapters.linkedin_version import version_problem
from .errors import PublishingError, ReconnectNeeded
from .health import ask_for_reconnecting
from .models import Channel, FailureNotice, Network
from .telling import tell_of_channel

log = logging.getLogger("publishing")
WARN_DAYS = (1, 7, 14)  # before the end
ENDS = "ends_in_"  # FailureNotice.failure_kind: who was told of an end that comes


@dataclass(frozen=True)
class Ending:
    """A channel whose authorization ends soon, and needs a person."""

    channel: Channel
    at: datetime

    @property
    def days(self) -> int:
        return max((self.at - timezone.now()).days, 0)

    @property
    def is_over(self) -> bool:
        return self.at <= timezone.now()

    def __str__(self) -> str:
        if self.is_over:
            return _("The authorization has ended. Connect the channel again, so that what is planned can go out.")
        return ngettext(
            "The authorization ends in less than a day. Connect the channel again before that."
            if self.days < 1
            else "The authorization ends in %(days)s day. Connect the channel again before that.",
            "The authorization ends in %(days)s days. Connect the channel again before that.",
            max(self.days, 1),
        ) % {"days": self.days}


def ending_of(channel: Channel) -> Ending | None:
    """What is to be told of the end of a channel's authorization; none while there is time."""
    if channel.sandbox or channel.state == Channel.State.DISCONNECTED or not channel.token_expires_at:
        return None
    at = adapter_for(channel).authorization_ends_at()
    soon = timezone.now() + timedelta(days=max(WARN_DAYS))
    return Ending(channel, at) if at and at <= soon else None


def endings(channels: Iterable[Channel]) -> list[Ending]:
    """Those among `channels` whose authorization ends soon, the first to end first."""
    found = [ending for channel in channels if (ending := ending_of(channel))]
    return sorted(found, key=lambda ending: ending.at)


def missing_scopes(channel: Channel) -> list[str]:
    """What the account did not grant but publishing needs; empty where the network does not tell."""
    if channel.sandbox or not channel.scopes:
        return []
    return [scope for scope in adapter_for(channel).scopes_needed(channel) if scope not in channel.scopes]


def warnings_of(channel: Channel) -> list[str]:
    """What whoever manages the channel should know, in full sentences."""
    if channel.sandbox or channel.state == Channel.State.DISCONNECTED:
        return []
    found = [str(ending) for ending in [ending_of(channel)] if ending]
    if missing := missing_scopes(channel):
        found.append(
            _("The account has not allowed %(scopes)s. Connect the channel again and allow everything.")
            % {"scopes": ", ".join(missing)}
        )
    if channel.network == Network.INSTAGRAM and (problem := reaching.address_problem()):
        found.append(problem)
    if channel.network == Network.LINKEDIN and (problem := version_problem()):
        found.append(problem)
    return found


# What the clock does


def keep_authorized() -> int:
    """Renews what ends soon, and tells people what only they can renew. Says how many letters went out."""
    letters = 0
    held = Channel.objects.filter(
        sandbox=False, token_expires_at__isnull=False, state__in=[Channel.State.CONNECTED, Channel.State.SUSPENDED]
    )
    for channel in held.select_related("organization").iterator(chunk_size=500):
        try:
            letters += _renew(channel) or _warn(channel)
        except Exception:
            log.exception("Authorization of channel %s", channel.pk)
    return letters


def _renew(channel: Channel) -> int:
    """Renews the token where it is time for that; one letter where the network has withdrawn the authorization."""
    adapter, ends = adapter_for(channel), channel.token_expires_at
    if not (adapter.renew_before and ends) or ends > timezone.now() + adapter.renew_before:
        return 0
    try:
        adapter.renew_ahead()
    except ReconnectNeeded as err:
        with transaction.atomic():  # who is not told now would never be
            ask_for_reconnecting(channel, reason=err.message)
            return _tell(channel, err.message)
    except PublishingError as err:
        log.warning("Channel %s could not be renewed yet: %s", channel.pk, err.message)
    return 0


def _warn(channel: Channel) -> int:
    ending = ending_of(channel)
    if ending is None:
        return 0
    stage = next(days for days in WARN_DAYS if ending.at <= timezone.now() + timedelta(days=days))
    with transaction.atomic():  # the notice, the news and the letters: all of it, or it is tried again
        _notice, news = FailureNotice.objects.get_or_create(
            channel=channel, failure_kind=f"{ENDS}{stage}", defaults={"told_at": timezone.now()}
        )
        if not news:
            return 0
        tell_of_channel(channel, EventType.CHANNEL_EXPIRING, ends_at=ending.at.isoformat())
        return _tell(channel, str(ending))


def _tell(channel: Channel, sentence: str) -> int:
    people = User.objects.filter(
        is_active=True,
        memberships__organization=channel.organization_id,
        memberships__role__in=roles_that_may(Action.MANAGE_CHANNELS),
    ).distinct()
    mails.send(
        channel.organization,
        "publishing/mail/channel.txt",
        to=[person.email for person in people],
        channel=channel,
        sentence=sentence,
        url=settings.WAGTAILADMIN_BASE_URL + reverse("channel", args=[channel.pk]),
    )
    return 1
