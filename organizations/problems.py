"""Errors of the domain that a person or a tool is told about.

The studio shows `detail` as a message; the API answers it as a problem
document (RFC 9457) whose `type` ends with the class's `slug`. Apps above
subclass `Problem`, so that a rule is written once and explained alike everywhere.
"""

from typing import ClassVar


class Problem(Exception):
    """Something that was asked for cannot be done; `detail` says why and what to do."""

    slug: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be carried out"

    def __init__(self, detail: object, **extra):
        super().__init__(detail)
        self.detail = str(detail)
        self.extra = extra  # further members of the problem document


class Forbidden(Problem):
    slug = "forbidden"
    status = 403
    title = "Your role does not allow this"


class NotFound(Problem):
    """Not there, or not this organization's: the two look alike from outside."""

    slug = "not-found"
    status = 404
    title = "Not found"


class Conflict(Problem):
    """The thing is not in a state in which this can be done."""

    slug = "conflict"
    status = 409
    title = "Not possible in the present state"
