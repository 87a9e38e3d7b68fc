"""What time it is for publishing: the database's clock, the only one that all machines share.

A dispatcher asks the database now and then and counts on by a clock that nobody
can set, so a step of its own machine's clock neither sends a post early nor
holds one back. Processes that never asked go by their machine's clock.
"""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

_reference: tuple[datetime, float] | None = None  # a moment of the database, and `elapsed()` then


def elapsed() -> float:
    """Seconds that only ever grow, also while the machine sleeps. Good for differences only."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def now() -> datetime:
    if _reference is None:
        return timezone.now()
    moment, then = _reference
    return moment + timedelta(seconds=elapsed() - then)


def ask_database() -> None:
    """Follows the database's clock from here on."""
    global _reference
    began = elapsed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0]
    ended = elapsed()
    # What one question cannot tell from the time that it took is no reason to change anything.
    if _reference is None or abs((moment - now()).total_seconds() + (ended - began) / 2) > ended - began:
        _reference = (moment, (began + ended) / 2)


def forget() -> None:
    """Goes by this machine's clock again."""
    global _reference
    _reference = None
