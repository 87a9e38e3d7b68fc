"""Forgets what nobody reads any more."""

from datetime import timedelta

from django.utils import timezone

from .models import Event, Telling

KEEP = timedelta(days=30)


def tidy() -> int:
    """Deletes events of long ago, with their log, but for those that are still to be told; says how many."""
    old = Event.objects.filter(occurred_at__lt=timezone.now() - KEEP)
    return old.exclude(tellings__state=Telling.State.WAITING).delete()[0]
