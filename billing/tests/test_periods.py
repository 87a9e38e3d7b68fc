"""Periods follow the calendar or the billing day, over short months and leap years."""

from datetime import UTC, datetime

import pytest

from billing.periods import add_months, calendar_month, month_from


def at(*args):
    return datetime(*args, tzinfo=UTC)


def test_a_calendar_month_ends_where_the_next_begins():
    month = calendar_month(at(2026, 12, 31, 23, 59))
    assert (month.starts_at, month.ends_at) == (at(2026, 12, 1), at(2027, 1, 1))


@pytest.mark.parametrize(
    ("moment", "starts", "ends"),
    [
        (at(2026, 1, 31, 9), at(2026, 1, 31, 9), at(2026, 2, 28, 9)),
        (at(2026, 2, 28, 8), at(2026, 1, 31, 9), at(2026, 2, 28, 9)),
        (at(2026, 2, 28, 9), at(2026, 2, 28, 9), at(2026, 3, 31, 9)),
        (at(2026, 3, 30), at(2026, 2, 28, 9), at(2026, 3, 31, 9)),
        (at(2028, 2, 29, 10), at(2028, 2, 29, 9), at(2028, 3, 31, 9)),
    ],
)
def test_months_from_the_thirty_first_end_on_the_last_day_and_come_back(moment, starts, ends):
    month = month_from(at(2026, 1, 31, 9), moment)
    assert (month.starts_at, month.ends_at) == (starts, ends)


def test_windows_leave_no_gap_and_never_overlap():
    anchor = at(2026, 1, 31, 9)
    for months in range(30):
        start = add_months(anchor, months)
        assert month_from(anchor, start).starts_at == start
        assert month_from(anchor, start).ends_at == add_months(anchor, months + 1)
