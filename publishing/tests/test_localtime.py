from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publishing.localtime import to_utc

# Zones with clock changes in 2026 or with a change of their rules, north and south, half hours and whole ones.
ZONES = [
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Athens", "Europe/Kyiv",
    "Europe/Chisinau", "Atlantic/Azores", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Anchorage", "America/St_Johns", "America/Halifax", "America/Havana",
    "America/Santiago", "America/Nuuk", "Africa/Cairo", "Africa/Casablanca", "Asia/Jerusalem", "Asia/Beirut",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Antarctica/Troll",
]  # fmt: skip


def changes_of(zone, year):
    """The moments of a year at which the offset changes, to the minute."""
    tz = ZoneInfo(zone)
    moment = datetime(year, 1, 1, tzinfo=UTC)
    while moment.year == year:
        later = moment + timedelta(hours=6)
        if moment.astimezone(tz).utcoffset() != later.astimezone(tz).utcoffset():
            low, high = moment, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                if middle.astimezone(tz).utcoffset() == low.astimezone(tz).utcoffset():
                    low = middle
                else:
                    high = middle
            yield high.replace(second=0, microsecond=0)
        moment = later


def shows(moment, zone):
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def first_moment_showing(wall, zone):
    """By brute force over every minute around: the first UTC moment at which clocks show `wall`, or none."""
    start = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    for minute in range(30 * 60):
        moment = start + timedelta(minutes=minute)
        if shows(moment, zone) == wall:
            return moment
    return None


@pytest.mark.parametrize("zone", ZONES)
def test_every_wall_clock_time_around_both_clock_changes_is_right(zone):
    changes = list(changes_of(zone, 2026))
    assert len(changes) in (2, 4), "the zone has no clock change in 2026, so it shows nothing here"
    for change in changes:
        tz = ZoneInfo(zone)
        before = (change - timedelta(minutes=2)).astimezone(tz).utcoffset()
        after = (change + timedelta(minutes=2)).astimezone(tz).utcoffset()
        for minutes in range(-90, 91, 15):
            wall = (change + after).replace(tzinfo=None) + timedelta(minutes=minutes)
            found = to_utc(wall, zone)
            expected = first_moment_showing(wall, zone)
            if expected is None:  # in the gap: forward by its length
                assert found.local == wall + (after - before)
                assert "go forward" in found.note
            else:
                assert found.utc == expected
                assert found.local == wall
                twice = shows(expected + (before - after), zone) == wall if before > after else False
                assert bool(found.note) == twice
            assert shows(found.utc, zone) == found.local


def test_a_time_in_the_gap_moves_forward_and_the_editor_is_told():
    moment = to_utc(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
    assert moment.utc == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment.local == datetime(2026, 3, 29, 3, 30)
    assert moment.note == (
        "Clocks in Europe/Berlin go forward that night and never show 02:30, so it goes out at 03:30 instead."
    )


def test_of_a_time_that_occurs_twice_the_first_is_taken_and_the_editor_is_told():
    moment = to_utc(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
    assert moment.utc == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "the first time" in moment.note


def test_a_time_stored_as_if_utc_is_read_as_wall_clock_time():
    assert to_utc(datetime(2026, 7, 1, 9, 0, tzinfo=UTC), "Europe/Berlin").utc == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
