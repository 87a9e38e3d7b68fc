"""Posts whose time went by while nothing could be sent: each organization says what is to be done with them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from . import clock
from .models import Channel, Delivery, PublishingPolicy

State = Delivery.State
KIND = "missed"  # `failure_kind` of what is held back because its time went by


def missed_before(now: datetime) -> datetime:
    """What was due before this and was never tried has missed its time."""
    return now - timedelta(seconds=settings.PUBLISHING_GRACE)


def missed(now: datetime) -> models.QuerySet[Delivery]:
    """What missed its time, could be sent now, and was not decided about yet."""
    limit = missed_before(now)
    given_up = limit - timedelta(hours=settings.PUBLISHING_RETRY_HOURS)
    return Delivery.objects.filter(
        models.Q(state=State.SCHEDULED, due_at__lte=limit) | models.Q(state=State.RETRYING, due_at__lte=given_up),
        next_attempt_at__lte=now,
        asks_person=False,
        late_allowed=False,
        lease_expires_at=None,
        channel__state=Channel.State.CONNECTED,
    ).exclude(organization__publishing_policy__suspended_at__isnull=False)


@transaction.atomic
def decide(*, limit: int = 1000) -> int:
    """Applies each organization's policy to what missed its time, and says to how many deliveries.

    Either held back until a person decides, or sent late: oldest first, with
    the organization's spacing between two of one channel, so that no burst goes out.
    """
    now = clock.now()
    rows = list(
        missed(now)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("due_at", "id")
        .select_related("organization__publishing_policy")[:limit]
    )
    late: dict[PublishingPolicy, list[Delivery]] = {}
    for delivery in rows:
        policy = getattr(delivery.organization, "publishing_policy", None) or PublishingPolicy(
            organization=delivery.organization
        )
        lateness = now - delivery.due_at
        if policy.missed == PublishingPolicy.Missed.SEND_LATE and lateness <= timedelta(hours=policy.late_hours):
            late.setdefault(policy, []).append(delivery)
        else:
            Delivery.objects.filter(pk=delivery.pk).move_to(
                State.HELD, failure=_sentence(lateness), failure_kind=KIND, news_pending=True
            )
    for policy, deliveries in late.items():
        send_spread(deliveries, policy=policy, start=now)
    return len(rows)


def send_spread(deliveries: Sequence[Delivery], *, policy: PublishingPolicy, start: datetime) -> None:
    """Lets what still waits leave late, one after another from `start` on."""
    for delivery, moment in spread(deliveries, policy=policy, start=start):
        Delivery.objects.filter(pk=delivery.pk).update(late_allowed=True, next_attempt_at=moment)


def spread(
    deliveries: Sequence[Delivery], *, policy: PublishingPolicy, start: datetime
) -> list[tuple[Delivery, datetime]]:
    """When each may leave: in the given order, from `start` on, with the policy's spacing between two of one channel.

    What waits there already to be sent late keeps its turn, so that two decisions
    in a row make no burst either. Locks the channels, so that two decisions at
    the same moment come one after the other.
    """
    spacing = timedelta(minutes=policy.spacing_minutes)
    channels = {delivery.channel_id for delivery in deliveries}
    list(Channel.objects.filter(pk__in=channels).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    before = (
        Delivery.objects.filter(
            channel__in=channels, state=State.SCHEDULED, late_allowed=True, next_attempt_at__gt=start
        )
        .exclude(pk__in=[delivery.pk for delivery in deliveries])
        .order_by()
        .values_list("channel")
        .annotate(models.Max("next_attempt_at"))
    )
    free = {channel: last + spacing for channel, last in before}
    turns = []
    for delivery in deliveries:
        moment = free.get(delivery.channel_id, start)
        free[delivery.channel_id] = moment + spacing
        turns.append((delivery, moment))
    return turns


def _sentence(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    span = _("%(count)s minutes") % {"count": minutes} if minutes < 120 else _("%(count)s hours") % {
        "count": minutes // 60
    }  # fmt: skip
    return _("Its time went by while nothing could be sent: it is %(span)s late. Send it now, move it, or drop it.") % {
        "span": span
    }
