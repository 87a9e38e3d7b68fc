"""Tells an organization's Owners, once a period, that its tokens run low or have run out."""

from django.utils import timezone

from . import mails
from .models import UsagePeriod

LEVELS = ((100, "warned_at_100"), (80, "warned_at_80"))  # per cent of the limit, highest first


def look_at(period_id: int, *, limit: int | None = None) -> int | None:
    """Looks at a period after its counter grew. The level that was warned of now, if any.

    `limit` is the plan's, for a caller who knows it: far below it there is nothing more to look at.

    Whoever sets the period's mark first sends the warning, so that it goes out
    once however many generations end at the same moment. Passing both levels
    at once warns of the higher one only.
    """
    from . import quotas  # it calls this module

    period = UsagePeriod.objects.select_related("organization").get(pk=period_id)
    if limit and period.used * 100 < LEVELS[-1][0] * limit:
        return None
    allowance = quotas.remaining(period.organization)
    if allowance.starts_at != period.starts_at:
        return None  # a late settle of a period that is over
    for level, (percent, mark) in enumerate(LEVELS):
        if allowance.percent < percent:
            continue
        marks = {name: timezone.now() for _percent, name in LEVELS[level:]}
        if UsagePeriod.objects.filter(pk=period_id, **{f"{mark}__isnull": True}).update(**marks):
            mails.tokens_run_low(period.organization, percent=percent, allowance=allowance)
            return percent
        return None
    return None
