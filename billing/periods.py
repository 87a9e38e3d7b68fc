"""Which stretch of time a moment's tokens belong to.

With a subscription the period follows it: Stripe's own period where the
customer pays by the month, and month by month from the billing day where the
customer pays by the year. Without one it is the calendar month in UTC.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Window:
    """From `starts_at` up to, but without, `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    subscription_id: str = ""


def add_months(anchor: datetime, months: int) -> datetime:
    """The same day and time `months` later, or that month's last day: as Stripe counts."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    month += 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, calendar.monthrange(year, month)[1]))


def calendar_month(moment: datetime) -> Window:
    """The calendar month (UTC) that holds `moment`."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Window(start, add_months(start, 1))


def month_from(anchor: datetime, moment: datetime, *, subscription_id: str = "") -> Window:
    """The month, counted from `anchor`'s day and time, that holds `moment` (not before `anchor`)."""
    months = (moment.year - anchor.year) * 12 + moment.month - anchor.month
    if add_months(anchor, months) > moment:
        months -= 1
    months = max(months, 0)
    return Window(add_months(anchor, months), add_months(anchor, months + 1), subscription_id)
