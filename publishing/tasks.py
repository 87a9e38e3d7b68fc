"""What django-q2 runs now and then. Sending itself is the dispatcher's, in every worker."""

from . import housekeeping, scheduling, upkeep


def follow_zone_rules() -> int:
    return scheduling.follow_zone_rules()


def keep_authorized() -> int:
    return upkeep.keep_authorized()


def tidy() -> int:
    return housekeeping.tidy()
