"""Writes down what happened for those who want to be told, in the transaction in which it happens."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task
from uuid_utils.compat import uuid7

from .models import Endpoint, Event, Telling

REMEMBERED_SECONDS = 5.0


@dataclass(frozen=True)
class News:
    """Something that happened. An `id` that follows from it has it written once, however often it is told."""

    organization_id: UUID
    type: str
    data: dict[str, Any]
    id: UUID = field(default_factory=uuid7)
    at: datetime = field(default_factory=timezone.now)


def announce(organization_id, event_type: str, /, **data: Any) -> int:
    """Writes one event for each endpoint that hears it; says how many there are. One query where there is none."""
    return announce_all([News(organization_id, event_type, data)])


def announce_all(news: Iterable[News]) -> int:
    """Writes events that belong together: five statements, whatever their number."""
    news = list(news)
    if not news:
        return 0
    listeners = defaultdict(list)
    chosen = Endpoint.objects.filter(
        organization__in={each.organization_id for each in news}, disabled_at=None
    ).values_list("pk", "organization_id", "event_types")
    for pk, organization_id, event_types in chosen:
        for event_type in event_types:
            listeners[organization_id, event_type].append(pk)
    heard = [each for each in news if listeners[each.organization_id, each.type]]
    if not heard:
        return 0
    with transaction.atomic():
        Event.objects.bulk_create(
            [
                Event(
                    pk=each.id,
                    organization_id=each.organization_id,
                    type=each.type,
                    data=each.data,
                    occurred_at=each.at,
                )
                for each in heard
            ],
            ignore_conflicts=True,
        )
        tellings = [
            Telling(endpoint_id=pk, event_id=each.id)
            for each in heard
            for pk in listeners[each.organization_id, each.type]
        ]
        Telling.objects.bulk_create(tellings, ignore_conflicts=True)
        wake_worker()
    return len(tellings)


def wake_worker() -> None:
    """Has a worker deliver at once. Where the task is lost, the next minute's round finds the rows."""
    transaction.on_commit(lambda: async_task("webhooks.tasks.deliver"), robust=True)


_heard: dict[str, tuple[float, bool]] = {}


def is_heard(event_type: str) -> bool:
    """True if any endpoint at all hears this. For places that are passed thousands of times a second: seconds old."""
    now = time.monotonic()
    looked, heard = _heard.get(event_type, (0.0, False))
    if not looked or now - looked > REMEMBERED_SECONDS:
        heard = Endpoint.objects.hearing(event_type).exists()
        _heard[event_type] = (now, heard)
    return heard
