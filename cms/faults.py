"""What people and tools are told when something that everything stands on is gone for a while.

A database that restarts and a disk that is full are nobody's bug and pass: the
answer says so, says that nothing saved is lost, and when to try again. Whatever
else goes wrong stays an internal error.
"""

import errno
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import requires_csrf_token
from structlog.contextvars import get_contextvars

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_TYPES = f"{settings.BASE_URL}/docs/api/problems/"
RETRY_AFTER = "10"  # seconds: about what a database takes to restart


@dataclass(frozen=True)
class Fault:
    """One thing that can be gone. `status` is HTTP's, `slug` names the problem type of the API."""

    status: int
    slug: str
    title: str | Promise
    detail: str | Promise


UNAVAILABLE = Fault(
    503,
    "unavailable",
    _("Not available for a moment"),
    _("Nothing that was saved is lost. Try again in some seconds."),
)
STORAGE_FULL = Fault(
    507,
    "storage-full",
    _("No room is left for files"),
    _("The file was not kept; texts are not affected. Try again later, and tell whoever runs this installation."),
)
DATABASE_FULL = Fault(
    507,
    "storage-full",
    _("No room is left"),
    _("This was not saved; what was saved before is safe. Keep your text, and tell whoever runs this installation."),
)
INTERNAL = Fault(
    500,
    "internal-error",
    _("Something went wrong on our side"),
    _("The error has been recorded. Try again; if it stays, tell support."),
)

# SQLSTATE classes and codes: connection exception, operator intervention, too many connections.
GONE = ("08", "57P", "53300")
# What psycopg says without a code: the connection could not be made, or broke.
_NO_CODE = (psycopg.OperationalError, psycopg.InterfaceError)


def fault_of(error: BaseException | None) -> Fault | None:
    """What was gone when `error` came; None where it is an error of another kind."""
    for each in _chain(error):
        if isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT):
            return STORAGE_FULL
        if isinstance(each, psycopg.errors.DiskFull):
            return DATABASE_FULL
        if isinstance(each, psycopg.Error) and (each.sqlstate or "").startswith(GONE):
            return UNAVAILABLE
        if isinstance(each, _NO_CODE) and each.sqlstate is None:
            return UNAVAILABLE
        if isinstance(each, redis.ConnectionError | redis.TimeoutError):
            return UNAVAILABLE
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`. Asks no database: it may be what is gone."""
    fault = fault_of(sys.exc_info()[1]) or INTERNAL
    answer: HttpResponse
    if request.path.startswith("/api/"):
        document = {
            "type": PROBLEM_TYPES + fault.slug,
            "title": str(fault.title),
            "status": fault.status,
            "detail": str(fault.detail),
        }
        answer = JsonResponse(document, status=fault.status, content_type=PROBLEM_MEDIA_TYPE)
    else:
        page = loader.get_template("500.html" if fault is INTERNAL else "fault.html")
        answer = HttpResponse(
            page.render({"fault": fault, "request_id": get_contextvars().get("request")}), status=fault.status
        )
    if fault is UNAVAILABLE:
        answer["Retry-After"] = RETRY_AFTER
    return answer
