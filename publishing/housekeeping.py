"""Removes what nobody reads any more."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from .models import Attempt, Delivery, Worker

KEEP_EXCHANGES = timedelta(days=90)
BATCH = 5000  # rows in one statement, so that none holds up a worker for long


def tidy() -> int:
    """Forgets dead workers, the bodies of old attempts, then the attempts; says how many rows that touched."""
    now = timezone.now()
    gone, _details = Worker.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    forgotten = forget_attempts()
    emptied = Attempt.objects.filter(started_at__lt=now - KEEP_EXCHANGES).exclude(exchanges=[]).update(exchanges=[])
    return gone + forgotten + emptied


def forget_attempts(*, batch: int = BATCH) -> int:
    """Deletes what is older than PUBLISHING_KEEP_ATTEMPTS_DAYS (0: nothing), a batch at a time, and says how much.

    What is still on its way keeps its attempts, however old. The delivery stays
    in any case: what was sent, when, and where it is.
    """
    if not settings.PUBLISHING_KEEP_ATTEMPTS_DAYS:
        return 0
    limit = timezone.now() - timedelta(days=settings.PUBLISHING_KEEP_ATTEMPTS_DAYS)
    old = Attempt.objects.filter(started_at__lt=limit, delivery__state__in=Delivery.FINAL).order_by("started_at")
    forgotten = 0
    while ids := list(old.values_list("pk", flat=True)[:batch]):
        forgotten += Attempt.objects.filter(pk__in=ids).delete()[0]
    return forgotten
