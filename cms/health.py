"""Two addresses that a load balancer or a container engine asks: is this process alive, can it serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

LIVE = "/health/live/"
READY = "/health/ready/"


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
        return self.get_response(request)

    def _ready(self) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connection.close()
            return JsonResponse({"status": "waiting for the database"}, status=503)
        return JsonResponse({"status": "ready"})
