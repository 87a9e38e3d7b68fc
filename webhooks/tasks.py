"""Entry points of the background work."""

from . import delivering, housekeeping


def deliver() -> int:
    return delivering.deliver_due()


def tidy() -> int:
    return housekeeping.tidy()
