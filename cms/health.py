"""Addresses that the machines around us ask: is this process alive, can it serve, does everything go on."""

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from cms.healthcheck import READY
from publishing.views import health

LIVE = "/health/live/"
# Of the whole installation; load balancers and Prometheus ask for these by address too.
WHOLE = {"/healthz": health.healthz, "/readyz": health.readyz, "/metrics": health.metrics}


class HealthMiddleware:
    """Answers before host names, redirects to https, sessions and tenants are looked at.

    `/health/live/` says that the process answers. `/health/ready/` says with 200
    that the database does too, with 503 that it does not; it names no cause,
    since anybody may ask. `manage.py doctor` names it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == LIVE:
            return JsonResponse({"status": "alive"})
        if request.path == READY:
            return self._ready()
        if request.path in WHOLE:
            return self._of_the_whole(request)
        return self.get_response(request)

    @staticmethod
    def _of_the_whole(request: HttpRequest) -> HttpResponse:
        try:
            return WHOLE[request.path](request)
        except Http404:
            return HttpResponse(status=404)

    def _ready(self) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connection.close()
            return JsonResponse({"status": "waiting for the database"}, status=503)
        return JsonResponse({"status": "ready"})
