"""What django-q2 runs now and then. Sending itself is the dispatcher's, in every worker."""

from . import housekeeping, scheduling


def follow_zone_rules() -> int:
    return scheduling.follow_zone_rules()


def tidy() -> int:
    return housekeeping.tidy()
