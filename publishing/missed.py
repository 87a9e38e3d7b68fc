"""Posts whose time went by while nothing could be sent: each organization says what is to be done with them."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from . import clock
from .models import Channel, Delivery, PublishingPolicy

State = Delivery.State


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
    turn: dict = defaultdict(int)
    for delivery in rows:
        policy = getattr(delivery.organization, "publishing_policy", None) or PublishingPolicy()
        late = now - delivery.due_at
        if policy.missed == PublishingPolicy.Missed.SEND_LATE and late <= timedelta(hours=policy.late_hours):
            wait = timedelta(minutes=policy.spacing_minutes) * turn[delivery.channel_id]
            turn[delivery.channel_id] += 1
            Delivery.objects.filter(pk=delivery.pk).update(late_allowed=True, next_attempt_at=now + wait)
        else:
            Delivery.objects.filter(pk=delivery.pk).move_to(
                State.HELD, failure=_sentence(late), failure_kind="missed", news_pending=True
            )
    return len(rows)


def _sentence(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    span = _("%(count)s minutes") % {"count": minutes} if minutes < 120 else _("%(count)s hours") % {
        "count": minutes // 60
    }  # fmt: skip
    return _("Its time went by while nothing could be sent: it is %(span)s late. Send it now, or call it off.") % {
        "span": span
    }
