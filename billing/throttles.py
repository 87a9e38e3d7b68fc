"""Rate limits by plan, for the API as a whole and for calls that write with AI.

Counted in PostgreSQL, because the cache is shared between processes only where
Redis is. The count is one statement for each request (the generic cell rate
algorithm): a caller may spend a minute's requests at once, and gets them back
evenly. `docs/decisions` has the measurement.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import BaseThrottle

from organizations.models import Organization
from organizations.problems import Problem
from organizations.walls import outside_walls

from .entitlements import Standing, plan_of
from .models import RateBucket
from .plans import PLANS, Plan

PERIOD = 60  # seconds; the plans' limits are for a minute
PLAN_KNOWN_FOR = 30  # seconds until another plan's limits hold here

# `full_at` is when the caller's whole allowance is there again. A request moves
# it by one interval, and is refused where that would be more than a period ahead.
_TAKE = """
INSERT INTO billing_ratebucket AS bucket (key, full_at)
VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(interval)s))
ON CONFLICT (key) DO UPDATE
SET full_at = greatest(bucket.full_at, clock_timestamp()) + make_interval(secs => %(interval)s)
WHERE greatest(bucket.full_at, clock_timestamp()) + make_interval(secs => %(interval)s)
    <= clock_timestamp() + make_interval(secs => %(period)s)
RETURNING extract(epoch FROM full_at - clock_timestamp())
"""


@dataclass(frozen=True)
class Rate:
    """How a caller stands after a request. Times are in seconds."""

    limit: int
    allowed: bool
    remaining: int
    full_in: float  # until the whole allowance is there again
    retry_after: float = 0.0

    def headers(self) -> dict[str, str]:
        """The IETF draft's `RateLimit` fields, in its present form and in the one that most clients read."""
        reset = _whole(self.full_in if self.remaining else max(self.retry_after, PERIOD / self.limit))
        found = {
            "RateLimit": f'"plan";r={self.remaining};t={reset}',
            "RateLimit-Policy": f'"plan";q={self.limit};w={PERIOD}',
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(reset),
        }
        if not self.allowed:
            found["Retry-After"] = str(max(_whole(self.retry_after), 1))
        return found


class TooManyRequests(Problem):
    """More requests in a minute than the plan allows. `headers` belong into the answer."""

    slug = "too-many-requests"
    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, headers: dict[str, str], **extra):
        super().__init__(detail, **extra)
        self.headers = headers


def take(key: str, *, limit: int) -> Rate:
    """Counts one request against `key`, which may make `limit` a minute."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "interval": PERIOD / limit, "period": PERIOD})
        row = cursor.fetchone()
        if row:
            full_in = float(row[0])
            return Rate(limit, True, int((PERIOD - full_in) / PERIOD * limit + 1e-6), full_in)
        cursor.execute(
            "SELECT extract(epoch FROM full_at - clock_timestamp()) FROM billing_ratebucket WHERE key = %s", [key]
        )
        row = cursor.fetchone()
    full_in = float(row[0]) if row else PERIOD
    return Rate(limit, False, 0, full_in, max(full_in + PERIOD / limit - PERIOD, 0.0))


def take_for(organization: Organization, *, ai: bool = False, standing: Standing | None = None) -> Rate:
    """Counts one request of an organization. Raises TooManyRequests when its plan allows no more now.

    `standing` is how the organization stands, for a caller who has just asked.
    """
    plan = standing.plan if standing else _plan_of(organization)
    limit = plan.ai_requests_per_minute if ai else plan.api_requests_per_minute
    rate = take(f"{'ai' if ai else 'api'}:{organization.pk}", limit=limit)
    if rate.allowed:
        return rate
    what = _("calls that write with AI") if ai else _("requests")
    raise TooManyRequests(
        _("The %(plan)s plan allows %(limit)d %(what)s a minute. Try again in %(seconds)d s.")
        % {"plan": plan.name, "limit": limit, "what": what, "seconds": max(_whole(rate.retry_after), 1)},
        limit=limit,
        headers=rate.headers(),
        retry_after=max(_whole(rate.retry_after), 1),
    )


def _plan_of(organization: Organization) -> Plan:
    """The organization's plan, as it was some seconds ago: it is asked for at every request."""
    key = f"plan:{organization.pk}"
    plan = PLANS.get(cache.get(key))
    if plan is None:
        # A request comes here before the wall around the organization is up; behind none, its plan cannot be seen.
        with outside_walls(organization):
            plan = plan_of(organization)
        cache.set(key, plan.key, PLAN_KNOWN_FOR)
    return plan


def sweep() -> int:
    """Forgets callers whose whole allowance is there again."""
    deleted, _models = RateBucket.objects.filter(full_at__lt=timezone.now() - timedelta(minutes=5)).delete()
    return deleted


class PlanThrottle(BaseThrottle):
    """The plan's requests a minute, counted for the organization that a view works for."""

    def allow_request(self, request, view):
        choose = getattr(view, "choose_organization", None)
        if choose is None or not request.user.is_authenticated:
            return True  # signing in and the like have limits of their own
        request._request.rate = take_for(choose(request))
        return True


class RateLimitHeadersMiddleware:
    """Says in every answer that was counted how the caller stands."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        rate = getattr(request, "rate", None)
        if rate and "RateLimit" not in response:
            for name, value in rate.headers().items():
                response[name] = value
        return response


def _whole(seconds: float) -> int:
    return int(-(-seconds // 1))
