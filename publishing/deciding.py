"""What people decide about posts that missed their time, one or many at once: the same for the studio and the API."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.problems import NotFound
from organizations.roles import Action, require

from . import scheduling
from .localtime import as_stored, to_local
from .missed import KIND, spread
from .models import Delivery, PublishingPolicy
from .signals import deliveries_moved
from .telling import tell_planned

State = Delivery.State


class Decision(models.TextChoices):
    """What becomes of posts that missed their time."""

    SEND = "send", gettext_lazy("Send now")
    MOVE = "move", gettext_lazy("Move to a new time")
    DROP = "drop", gettext_lazy("Drop")


@dataclass(frozen=True)
class Outcome:
    """What a decision changed, and what it left as it was because somebody else was faster or it is out already."""

    decided: list[UUID] = field(default_factory=list)
    left: list[UUID] = field(default_factory=list)
    last_at: datetime | None = None  # when the last of them leaves


def undecided(organization) -> models.QuerySet[Delivery]:
    """What missed its time and waits for somebody to decide, the longest overdue first."""
    held = Delivery.objects.for_organization(organization).filter(state=State.HELD, failure_kind=KIND)
    return held.order_by("due_at", "id")


@transaction.atomic
def decide(
    organization,
    decision: str,
    *,
    user,
    ids: Iterable[UUID] | None = None,
    local_time: datetime | None = None,
    timezone: str = "",
) -> Outcome:
    """Carries out `decision` for the missed deliveries `ids`, or for all of them, in the order in which they were due.

    Two of one channel leave with the organization's spacing between them, never
    in a burst; so do those that are moved to one `local_time`. Raises Forbidden,
    NotFound if one of `ids` is not the organization's, TimeHasPassed or ChannelUnusable.
    """
    require(user, Action.PUBLISH, organization=organization)
    asked = None if ids is None else set(ids)
    rows = _locked(organization, asked)
    if decision == Decision.DROP:
        decided, last_at = _drop(rows), None
    else:
        scheduling.check_channels(organization, {row.channel for row in rows})
        if decision == Decision.MOVE:
            decided, last_at = _move(rows, local_time, timezone or organization.timezone)
        else:
            decided, last_at = _send(rows, PublishingPolicy.of(organization))
    wanted = {row.pk for row in rows} if asked is None else asked
    return Outcome(decided=decided, left=sorted(wanted - set(decided)), last_at=last_at)


def _locked(organization, ids: set[UUID] | None) -> list[Delivery]:
    rows = undecided(organization).select_related("channel").select_for_update(of=("self",))
    if ids is None:
        return list(rows)
    if Delivery.objects.for_organization(organization).filter(pk__in=ids).count() != len(ids):
        raise NotFound(_("One of these deliveries does not exist. Nothing was changed."))
    return list(rows.filter(pk__in=ids))


def _drop(rows: list[Delivery]) -> list[UUID]:
    """Where only the first comment is missing, the post itself is out and nothing can be dropped."""
    ids = [row.pk for row in rows if not row.remote_id]
    Delivery.objects.filter(pk__in=ids).move_to(State.CANCELLED, news_pending=True)
    return ids


def _send(rows: list[Delivery], policy: PublishingPolicy) -> tuple[list[UUID], datetime | None]:
    return _release(spread(rows, policy=policy, start=clock.now()), late_allowed=True)


def _move(rows: list[Delivery], local_time: datetime | None, zone: str) -> tuple[list[UUID], datetime | None]:
    if local_time is None:
        raise ValueError("Moving needs a local time.")
    if not rows:
        return [], None
    start = scheduling.moment_of(local_time, zone)
    turns = spread(rows, policy=PublishingPolicy.of(rows[0].organization), start=start)
    for row, moment in turns:
        row.due_at, row.local_time, row.timezone = moment, as_stored(to_local(moment, zone)), zone
    released = _release(turns, late_allowed=False)
    deliveries_moved.send(sender=Delivery, deliveries=[row for row, _moment in turns])
    return released


def _release(turns: list[tuple[Delivery, datetime]], *, late_allowed: bool) -> tuple[list[UUID], datetime | None]:
    ids = [row.pk for row, _moment in turns]
    Delivery.objects.filter(pk__in=ids).move_to(
        State.SCHEDULED, failure="", failure_kind="", late_allowed=late_allowed, news_pending=False
    )
    for row, moment in turns:
        row.state, row.next_attempt_at = State.SCHEDULED, moment
    Delivery.objects.bulk_update(
        [row for row, _moment in turns], ["next_attempt_at", "due_at", "local_time", "timezone"], batch_size=500
    )
    tell_planned(row for row, _moment in turns)
    return ids, max((moment for _row, moment in turns), default=None)
