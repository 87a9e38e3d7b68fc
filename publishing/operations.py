"""How publishing is doing, in figures: for the operations page, the health checks and the metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone

from organizations.walls import outside_walls

from .models import Attempt, Channel, Delivery, NetworkPause, Worker

OVERDUE_SECONDS = 60.0  # what is due for longer than this, and could leave, means that nobody sends


@dataclass(frozen=True)
class Figures:
    """One look at the engine, of one organization or of all."""

    waiting: int
    due_now: int
    oldest_due: datetime | None  # of what could leave
    sending: int
    unknown: int
    held: int
    published_hour: int
    published_day: int
    lateness_p50: float | None  # seconds, last hour
    lateness_p99: float | None
    failures: list[dict[str, Any]]  # network, failure_kind, count; last day
    workers: list[Worker]
    paused_channels: list[Channel]
    paused_networks: list[NetworkPause]

    @property
    def overdue_seconds(self) -> float:
        return (timezone.now() - self.oldest_due).total_seconds() if self.oldest_due else 0.0


def able_to_leave(deliveries):
    """What waits for nothing but its time: neither suspended, nor paused, nor held back for being too late."""
    now = timezone.now()
    return (
        deliveries.waiting()
        .filter(channel__state=Channel.State.CONNECTED, lease_expires_at=None)
        .exclude(channel__paused_until__gt=now)
        .exclude(organization__publishing_policy__suspended_at__isnull=False)
    )


def figures(organization=None) -> Figures:
    """The figures of one organization, or of the whole installation."""
    now = timezone.now()
    deliveries = Delivery.objects.all()
    attempts = Attempt.objects.filter(started_at__gte=now - timedelta(days=1))
    paused = Channel.objects.filter(paused_until__gt=now).select_related("organization")
    if organization is not None:
        deliveries = deliveries.for_organization(organization)
        attempts = attempts.filter(delivery__organization=organization)
        paused = paused.for_organization(organization)
    states = dict(
        deliveries.exclude(state__in=Delivery.FINAL).values_list("state").annotate(count=Count("pk")).order_by()
    )
    due = able_to_leave(deliveries).filter(next_attempt_at__lte=now)
    published = attempts.filter(outcome__in=[Attempt.Outcome.PUBLISHED, Attempt.Outcome.FOUND])
    p50, p99 = _lateness(organization, now - timedelta(hours=1))
    return Figures(
        waiting=states.get(Delivery.State.SCHEDULED, 0) + states.get(Delivery.State.RETRYING, 0),
        due_now=due.count(),
        oldest_due=due.aggregate(oldest=Min("next_attempt_at"))["oldest"],
        sending=states.get(Delivery.State.SENDING, 0),
        unknown=states.get(Delivery.State.UNKNOWN, 0),
        held=states.get(Delivery.State.HELD, 0),
        published_hour=published.filter(started_at__gte=now - timedelta(hours=1)).count(),
        published_day=published.count(),
        lateness_p50=p50,
        lateness_p99=p99,
        failures=[
            dict(row)
            for row in deliveries.filter(state=Delivery.State.FAILED, next_attempt_at__gte=now - timedelta(days=1))
            .values("channel__network", "failure_kind")
            .annotate(count=Count("pk"))
            .order_by("-count")
        ],
        workers=list(Worker.alive()),
        paused_channels=list(paused[:20]),
        paused_networks=list(NetworkPause.objects.filter(until__gt=now)[:20]) if organization is None else [],
    )


def _lateness(organization, since) -> tuple[float | None, float | None]:
    scope, parameters = "", [since]
    if organization is not None:
        scope, parameters = "AND d.organization_id = %s", [since, organization.pk]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a.lateness),"  # noqa: S608
            "       percentile_cont(0.99) WITHIN GROUP (ORDER BY a.lateness)"
            " FROM publishing_attempt a JOIN publishing_delivery d ON d.id = a.delivery_id"
            f" WHERE a.started_at >= %s AND a.lateness IS NOT NULL {scope}",
            parameters,
        )
        return cursor.fetchone()


def figures_of_all() -> Figures:
    """The figures of the whole installation, also for a caller that works for one organization or for none."""
    with outside_walls():
        return figures()


def problems() -> list[str]:
    """What is wrong with the engine as a whole, in sentences; empty where all is well."""
    with outside_walls():
        return _problems()


def _problems() -> list[str]:
    found = []
    if not Worker.alive().exists():
        found.append("No worker is alive: nothing is being sent. Start one with manage.py qcluster.")
    oldest = able_to_leave(Delivery.objects.all()).aggregate(oldest=Min("next_attempt_at"))["oldest"]
    late = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    if late > OVERDUE_SECONDS:
        found.append(f"A delivery has been due for {late:.0f} seconds and nobody has taken it.")
    return found
