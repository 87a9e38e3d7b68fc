"""Tells an organization's Owners, once a period, that its tokens run low or have run out."""

from django.utils import timezone

from webhooks.announcing import announce
from webhooks.events import EventType

from . import mails
from .models import UsagePeriod

LEVELS = ((100, "warned_at_100"), (80, "warned_at_80"))  # per cent of the limit, highest first


def is_worth_a_look(used: int, *, limit: int) -> bool:
    """Whether a period may be at a level to warn of; far below it there is nothing to look at."""
    return used * 100 >= LEVELS[-1][0] * limit


def look_at(period_id: int) -> int | None:
    """Looks at a period after its counter grew. The level that was warned of now, if any.

    Whoever sets the period's mark first sends the warning, so that it goes out
    once however many generations end at the same moment. Passing both levels
    at once warns of the higher one only.
    """
    from . import quotas  # it calls this module

    period = UsagePeriod.objects.select_related("organization").get(pk=period_id)
    allowance = quotas.remaining(period.organization)
    if allowance.starts_at != period.starts_at:
        return None  # a late settle of a period that is over
    reached = 100 if allowance.is_used_up else allowance.percent
    for level, (percent, mark) in enumerate(LEVELS):
        if reached < percent:
            continue
        marks = {name: timezone.now() for _percent, name in LEVELS[level:]}
        if UsagePeriod.objects.filter(pk=period_id, **{f"{mark}__isnull": True}).update(**marks):
            mails.tokens_run_low(period.organization, percent=percent, allowance=allowance)
            announce(
                period.organization_id,
                EventType.USAGE_WARNING,
                organization_id=str(period.organization_id),
                percent=percent,
                limit=allowance.limit,
                remaining=allowance.remaining,
                ends_at=allowance.ends_at.isoformat(),
            )
            return percent
        return None
    return None
