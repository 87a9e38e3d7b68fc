"""When to try again, and when to give up."""

import random

from django.conf import settings

FIRST_SECONDS = 4.0
LONGEST_SECONDS = 15 * 60.0


def delay(failures: int, *, retry_after: float | None = None) -> float:
    """Seconds until the next try after `failures` tries: exponential, with full jitter and a cap.

    Never earlier than the network itself asked for (`retry_after`).
    """
    wait = random.uniform(1.0, min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(failures, 20)))  # noqa: S311
    return wait if retry_after is None else max(retry_after, 0.5) + random.uniform(0, min(5.0, 1.0 + retry_after / 10))  # noqa: S311


def has_budget(*, attempts: int, wait: float) -> bool:
    """True while another try after `wait` seconds is within what one delivery may cost in tries and in time."""
    return attempts < settings.PUBLISHING_ATTEMPTS and wait <= settings.PUBLISHING_RETRY_HOURS * 3600


def breaker_pause(failures_in_a_row: int, *, threshold: int) -> float:
    """Seconds for which nothing is sent after so many failures in a row; 0 below `threshold`."""
    if failures_in_a_row < threshold:
        return 0.0
    return min(600.0, 15.0 * 2 ** min(failures_in_a_row - threshold, 10))
