"""How the running system tells what it does: log lines with the ids that belong together, and Sentry.

Every line of one request carries its `request` id and, once known, the
`organization` and the `user`; the engine adds `delivery`. In production a line
is one JSON object, in development it is text for the eye.
"""

import contextlib
import logging
import time
import uuid
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.text import Truncator

HEADER = "X-Request-ID"
LONGEST_ID = 64
LONGEST_QUERY = 500  # characters in the log
SLOW_QUERY_SECONDS = 0.2
# Never logged, whatever they are called with.
SECRET_PARTS = ("key", "secret", "signature", "token")  # of paths, as the patterns of addresses name them
SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "credentials")

logger = structlog.get_logger(__name__)


def without_secrets(_logger: object, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replaces the value of whatever is named like a secret, one level deep."""
    for key, value in event.items():
        if isinstance(value, str | bytes | dict | list) and any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "…"
    return event


def with_the_requests_id(_logger: object, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Django hands the whole request along with what it says of refusals and errors: here belongs its id."""
    if isinstance(event.get("request"), HttpRequest):
        event["request"] = structlog.contextvars.get_contextvars().get("request")
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    with_the_requests_id,
    without_secrets,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_settings(*, as_json: bool, level: str = "INFO", slow_queries: bool = False) -> dict[str, Any]:
    """Django's `LOGGING`: everything to standard error, through structlog."""
    render = (
        [_tracebacks(), structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    loggers: dict[str, Any] = {
        "django.server": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},  # four lines for each small task; those that fail are errors
        "django_tasks": {"level": "WARNING"},  # two lines for each small task
        "mailer": {"level": "WARNING"},  # names whom each mail goes to
        "stripe": {"level": "WARNING"},  # two lines for each call
    }
    if slow_queries:
        loggers["django.db.backends"] = {"level": "DEBUG", "handlers": ["slow_queries"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"slow": {"()": "cms.observing.SlowQueries"}},
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED_PROCESSORS,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            }
        },
        "handlers": {
            "lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"},
            "slow_queries": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "filters": ["slow"],
                "stream": "ext://sys.stderr",
            },
        },
        "root": {"handlers": ["lines"], "level": level},
        "loggers": loggers,
    }


def _tracebacks() -> Any:
    """Tracebacks as data, without local variables: those hold secrets."""
    return structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_structlog() -> None:
    """Lets structlog's own loggers write through the standard library's handlers."""
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class SlowQueries(logging.Filter):
    """Lets through the queries that took longer than anybody wants to wait, as much of them as anybody reads."""

    def filter(self, record: logging.LogRecord) -> bool:
        duration = float(getattr(record, "duration", 0) or 0)
        if duration < SLOW_QUERY_SECONDS:
            return False
        query = " ".join(str(getattr(record, "sql", "")).split())
        for name in ("sql", "params"):  # the whole query, and values that may be secret
            record.__dict__.pop(name, None)
        record.msg, record.args = "Slow query, %.2f s: %s", (duration, Truncator(query).chars(LONGEST_QUERY))
        return True


class RequestLogMiddleware:
    """Gives each request an id, on its answer and on every line logged meanwhile, and logs one line at its end.

    An id that a proxy in front has given is kept when it looks like one.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if given.replace("-", "").isalnum() and len(given) <= LONGEST_ID else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response.headers[HEADER] = request_id
        self._log(request, response, seconds=time.perf_counter() - began)
        return response

    def _log(self, request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
        """One line: no query string, since it may carry a secret link's signature."""
        organization = getattr(request, "organization", None)
        user = getattr(request, "user", None)
        logger.info(
            "request",
            method=request.method,
            path=_path_of(request),
            status=response.status_code,
            milliseconds=round(seconds * 1000),
            organization=str(organization.pk) if organization else None,
            user=str(user.pk) if user is not None and user.is_authenticated else None,
        )


def _path_of(request: HttpRequest) -> str:
    """Where a request went. What opens a door for whoever has it (an invitation, a new password) is left out."""
    path, match = request.path, request.resolver_match
    if match is None:  # nothing is there; with its final slash it may be a door
        with contextlib.suppress(Resolver404):
            match = resolve(path.rstrip("/") + "/")
    for name, value in (match.kwargs if match else {}).items():
        if name in SECRET_PARTS and value:
            path = path.replace(str(value), "…")
    return path


def start_sentry(dsn: str, *, environment: str, release: str, traces: float) -> None:
    """Sends errors to Sentry, without request bodies, cookies, or people's addresses."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release or None,
        traces_sample_rate=traces,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
    )
