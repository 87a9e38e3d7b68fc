"""Errors of billing that a person or a tool is told about."""

from organizations.problems import Problem


class QuotaExceeded(Problem):
    """The period's tokens do not suffice for what was asked."""

    slug = "quota-exceeded"
    status = 402
    title = "The plan's tokens are used up"


class LimitReached(Problem):
    """The plan allows no more of something: seats, channels or scheduled posts."""

    slug = "limit-reached"
    status = 402
    title = "The plan's limit is reached"
