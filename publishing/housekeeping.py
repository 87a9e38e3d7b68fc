"""Removes what nobody reads any more."""

from datetime import timedelta

from django.utils import timezone

from .models import Attempt, Worker

KEEP_EXCHANGES = timedelta(days=90)


def tidy() -> int:
    """Forgets workers that died long ago and the bodies of old attempts; says how many rows that touched."""
    now = timezone.now()
    gone, _details = Worker.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    emptied = Attempt.objects.filter(started_at__lt=now - KEEP_EXCHANGES).exclude(exchanges=[]).update(exchanges=[])
    return gone + emptied
