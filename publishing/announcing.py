"""Tells the apps above what became of deliveries, at least once each, also after a crash."""

import logging
from collections import defaultdict

from django.db import connection

from . import telling
from .models import Delivery
from .notifying import notify
from .signals import delivery_finished

log = logging.getLogger("publishing")
ANNOUNCE_LOCK = 7_301_002


def announce(*, limit: int = 100) -> int:
    """Sends `delivery_finished` for what became final since last time, and says for how many.

    One announcer works at a time. A receiver that fails is logged and does not
    hold up the others; a crash in the middle repeats the news.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ANNOUNCE_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    try:
        news = list(
            Delivery.objects.filter(news_pending=True).select_related("channel", "organization", "created_by")[:limit]
        )
        telling.tell(news)  # if this fails, all of it is told again
        told: dict[str, list] = defaultdict(list)
        for delivery in news:
            for receiver, answer in delivery_finished.send_robust(sender=Delivery, delivery=delivery):
                if isinstance(answer, Exception):
                    log.error("News of delivery %s: %r failed", delivery.pk, receiver, exc_info=answer)
        for delivery in news:  # last, because a letter has a logo, and that lies in a store which may be slow
            try:
                notify(delivery)
            except Exception:
                log.exception("Nobody could be told about delivery %s", delivery.pk)
            told[delivery.state].append(delivery.pk)
        for state, ids in told.items():
            Delivery.objects.filter(pk__in=ids, state=state).update(news_pending=False)
        return len(news)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ANNOUNCE_LOCK])
