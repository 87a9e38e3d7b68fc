"""Health checks for the machine around us, and metrics for Prometheus."""

import hmac

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from publishing import operations


@never_cache
@require_safe
def healthz(request):
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request):
    """The database answers, a worker is alive and nothing has been due for long; 503 with the reasons if not."""
    try:
        connection.ensure_connection()
        problems = operations.problems()
    except DatabaseTrouble:
        problems = ["The database does not answer."]
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


@never_cache
@require_safe
def metrics(request):
    """For Prometheus, to whoever knows `METRICS_TOKEN`; not there at all where it is not set."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    now, registry = operations.figures_of_all(), CollectorRegistry()

    def gauge(name, text, value):
        if value is not None:
            Gauge(f"publishing_{name}", text, registry=registry).set(value)

    gauge("waiting", "Deliveries that wait for their time or for another try", now.waiting)
    gauge("due", "Deliveries that are due and could leave", now.due_now)
    gauge("oldest_due_seconds", "For how long the oldest of those has been due", now.overdue_seconds)
    gauge("sending", "Deliveries under way to a network", now.sending)
    gauge("unknown", "Deliveries whose outcome is unknown", now.unknown)
    gauge("held", "Deliveries held back until somebody decides", now.held)
    gauge("published_last_hour", "Deliveries published in the last hour", now.published_hour)
    gauge("lateness_p50_seconds", "Median lateness of the last hour", now.lateness_p50)
    gauge("lateness_p99_seconds", "99th percentile of the lateness of the last hour", now.lateness_p99)
    gauge("workers", "Workers alive", len(now.workers))
    gauge("in_flight", "Calls under way", sum(worker.in_flight for worker in now.workers))
    gauge("paused_channels", "Channels that are paused", len(now.paused_channels))
    failures = Gauge(
        "publishing_failures_last_day", "Deliveries that failed for good", ["network", "cause"], registry=registry
    )
    for row in now.failures:
        failures.labels(row["channel__network"], row["failure_kind"]).set(row["count"])
    return registry
