"""An approved revision becomes deliveries, and what may be done with them before they are sent."""

from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from organizations.problems import Conflict, Problem

from .localtime import as_stored, to_local, to_utc
from .messages import Message
from .models import Attempt, Channel, Delivery
from .room import check_room
from .telling import tell_planned

State = Delivery.State


class TimeHasPassed(Problem):
    slug = "time-has-passed"
    status = 422
    title = "That time has passed"


class ChannelUnusable(Problem):
    slug = "channel-unusable"
    status = 422
    title = "A channel cannot be published to"


def moment_of(local_time: datetime, zone: str) -> datetime:
    """The UTC moment of a wall-clock time that is still to come."""
    moment = to_utc(local_time, zone)
    if moment.utc <= clock.now():
        raise TimeHasPassed(
            _("%(time)s in %(zone)s has already passed. Choose a later time, or publish now.")
            % {"time": f"{moment.local:%Y-%m-%d %H:%M}", "zone": zone}
        )
    return moment.utc


def check_channels(organization, channels) -> None:
    """Raises ChannelUnusable unless all of them are the organization's own and connected, now or soon again."""
    for channel in channels:
        if channel.organization_id != organization.pk:
            raise ChannelUnusable(_("One of the channels does not belong to this organization."))
        if channel.state == Channel.State.DISCONNECTED:
            raise ChannelUnusable(
                _("“%(name)s” is disconnected. Connect it again or take it off the post.") % {"name": channel.name}
            )


def _check_nothing_left(earlier) -> None:
    """Asked after the waiting ones are called off: what a worker took just now would go out beside its successor."""
    left = earlier.exclude(state__in=[State.CANCELLED, State.FAILED]).select_related("channel").first()
    if left is not None:
        raise Conflict(
            _("The post has just left for “%(name)s”, as it was before. Reload the page.") % {"name": left.channel.name}
        )


@transaction.atomic
def _make(*, organization, post_id, revision_id, messages: dict[Channel, Message], due_at, local_time, timezone, user):
    """One delivery per channel, unless the revision has one there already."""
    check_channels(organization, messages)
    check_room(organization, post_id=post_id, channel_ids=[channel.pk for channel in messages])
    # What waits of an earlier revision of the same post is overtaken by this one.
    earlier = Delivery.objects.filter(post_id=post_id, channel__in=list(messages)).exclude(revision_id=revision_id)
    earlier.filter(state__in=[*Delivery.WAITING, State.HELD], remote_id="").move_to(State.CANCELLED, news_pending=True)
    _check_nothing_left(earlier)
    Delivery.objects.bulk_create(
        [
            Delivery(
                organization=organization,
                channel=channel,
                post_id=post_id,
                revision_id=revision_id,
                message=message.to_json(),
                content_hash=message.content_hash(),
                due_at=due_at,
                next_attempt_at=due_at,
                local_time=as_stored(local_time),
                timezone=timezone,
                created_by=user,
            )
            for channel, message in messages.items()
        ],
        ignore_conflicts=True,
    )
    return list(
        Delivery.objects.filter(revision_id=revision_id, channel__in=list(messages))
        .exclude(state=State.CANCELLED)
        .select_related("channel")
        .order_by("channel__network", "channel__name")
    )


@transaction.atomic
def schedule_deliveries(
    *, organization, post_id, revision_id, messages: dict[Channel, Message], local_time: datetime, timezone: str, user
) -> list[Delivery]:
    """Plans one delivery per channel of `messages` for a wall-clock time; saying it twice changes nothing.

    Raises TimeHasPassed, ChannelUnusable or LimitReached. Deliveries of earlier revisions of
    the post that still wait on these channels are cancelled.
    """
    deliveries = _make(
        organization=organization,
        post_id=post_id,
        revision_id=revision_id,
        messages=messages,
        due_at=moment_of(local_time, timezone),
        local_time=local_time,
        timezone=timezone,
        user=user,
    )
    tell_planned(deliveries)
    return deliveries


def publish_now(*, organization, post_id, revision_id, messages: dict[Channel, Message], user) -> list[Delivery]:
    """Sends at once. What was planned for later, and still waits, is brought forward."""
    now = clock.now()
    with transaction.atomic():
        deliveries = _make(
            organization=organization,
            post_id=post_id,
            revision_id=revision_id,
            messages=messages,
            due_at=now,
            local_time=to_local(now, organization.timezone),
            timezone=organization.timezone,
            user=user,
        )
        waiting = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
        waiting.filter(state=State.HELD).move_to(State.SCHEDULED, due_at=now, next_attempt_at=now, late_allowed=True)
        waiting.filter(state__in=Delivery.WAITING, next_attempt_at__gt=now).update(
            due_at=now, next_attempt_at=now, local_time=as_stored(to_local(now, organization.timezone))
        )
        for delivery in deliveries:
            delivery.refresh_from_db()
        tell_planned(deliveries)
    return deliveries


@transaction.atomic
def reschedule_deliveries(*, post_id, local_time: datetime, timezone: str) -> list[Delivery]:
    """Moves whatever of a post still waits to another wall-clock time. Raises TimeHasPassed."""
    due_at = moment_of(local_time, timezone)
    moved: dict = {
        "due_at": due_at,
        "next_attempt_at": due_at,
        "local_time": as_stored(local_time),
        "timezone": timezone,
        "late_allowed": False,
    }
    of_post = Delivery.objects.filter(post_id=post_id)
    of_post.filter(state=State.HELD).move_to(State.SCHEDULED, failure="", failure_kind="", **moved)
    of_post.filter(state=State.SCHEDULED).update(lease_expires_at=None, leased_by="", **moved)
    deliveries = list(of_post.filter(state=State.SCHEDULED).select_related("channel"))
    tell_planned(deliveries)
    return deliveries


def cancel_deliveries(*, post_id) -> int:
    """Calls off whatever of a post has not left yet, and says how many deliveries that were."""
    return cancel_waiting(Delivery.objects.filter(post_id=post_id))


def cancel_waiting(deliveries) -> int:
    """Calls off whatever of `deliveries` has not left yet, and says how many that were."""
    return deliveries.filter(state__in=[*Delivery.WAITING, State.HELD], remote_id="").move_to(
        State.CANCELLED, news_pending=True
    )


def cancel_delivery(delivery: Delivery, *, user) -> None:
    """Calls one delivery off. Raises Conflict once it has left."""
    if delivery.remote_id and delivery.state in (State.RETRYING, State.HELD):
        raise Conflict(_("The post is out already: only its first comment is still being tried."))
    if not delivery.may_move_to(State.CANCELLED):
        raise Conflict(
            _("A delivery that is “%(state)s” cannot be called off.") % {"state": delivery.get_state_display()}
        )
    delivery.move_to(State.CANCELLED, news_pending=True, asks_person=False)


@transaction.atomic
def retry_delivery(delivery: Delivery, *, user) -> None:
    """Tries a failed or held-back delivery again, now, or a missing first comment. Raises Conflict in any other state.

    An unknown outcome is not retried: first somebody has to say that it was not sent. A comment
    of which it is not known whether it is out is looked for first.
    """
    now = clock.now()
    again: dict = {
        "next_attempt_at": now,
        "late_allowed": True,
        "failure": "",
        "failure_kind": "",
        "asks_person": False,
    }
    if delivery.state == State.FAILED:
        delivery.move_to(State.RETRYING, attempt_count=0, look_count=0, **again)
    elif delivery.lacks_comment:
        last = delivery.attempts.last()
        looks = last is not None and last.outcome == Attempt.Outcome.UNKNOWN
        delivery.move_to(State.UNKNOWN if looks else State.RETRYING, attempt_count=0, look_count=0, **again)
    elif delivery.state == State.HELD:
        delivery.move_to(State.SCHEDULED, **again)
    elif delivery.state == State.RETRYING:
        Delivery.objects.filter(pk=delivery.pk, state=State.RETRYING, leased_by="").update(**again)
        delivery.refresh_from_db()
    else:
        raise Conflict(
            _("A delivery that is “%(state)s” cannot be tried again.") % {"state": delivery.get_state_display()}
        )
    tell_planned([delivery])


def follow_zone_rules() -> int:
    """Moves the UTC time of what is still to come where a zone's rules have changed; the wall-clock time stays."""
    now = clock.now()
    moved = []
    coming = Delivery.objects.filter(state=State.SCHEDULED, due_at__gt=now, leased_by="")
    for pk, due_at, local_time, zone in coming.values_list("pk", "due_at", "local_time", "timezone").iterator(2000):
        right = to_utc(local_time, zone).utc
        if right != due_at:
            right = max(right, now).astimezone(UTC)
            # Only as it was read: a person may move it at this moment.
            same = coming.filter(pk=pk, due_at=due_at, local_time=local_time, timezone=zone)
            if same.update(due_at=right, next_attempt_at=right):
                moved.append(pk)
    tell_planned(Delivery.objects.filter(pk__in=moved).select_related("channel") if moved else ())
    return len(moved)
