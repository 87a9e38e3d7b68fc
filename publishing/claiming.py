"""Who has which delivery in hand: every step is one statement, so that no crash leaves a row between two states.

One delivery of a channel at a time is in the hands of one worker: that keeps a
channel's posts in order. How long it may stay there is `leasing`'s, what
becomes of it `recording`'s.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from . import clock
from .jobs import Job
from .leasing import LEASE_SECONDS, RUN_OUT, trusted_until
from .models import Channel, Delivery
from .telling import tell_on_the_way, together_with_news

CLAIM_LOCK = 7_301_001  # serialises claims, for a moment each, so that two workers never share a channel

State = Delivery.State
log = logging.getLogger("publishing")


# The network as a whole, as Channel.host names it.
_HOST = """
    CASE WHEN c.sandbox THEN 'sandbox ' || c.id
         ELSE c.network || coalesce(' ' || nullif(substring(c.base_url FROM '://([^/]+)'), ''), '') END
"""

# Each question has an OFFSET so that it is asked of one row after the other, in the order of the index `delivery_due`,
# until there are enough: joined together, PostgreSQL would put all that is due in order for every claim.
_CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT d.id
    FROM publishing_delivery d
    WHERE d.state IN ('scheduled', 'retrying', 'unknown') AND NOT d.asks_person
      AND d.next_attempt_at <= %(until)s
      AND (d.lease_expires_at IS NULL OR {RUN_OUT})
      AND (d.state = 'unknown' OR d.late_allowed OR d.due_at > %(missed_before)s
           OR (d.state = 'retrying' AND d.due_at > %(given_up_before)s))
      AND EXISTS (
          SELECT 1 FROM publishing_channel c
          WHERE c.id = d.channel_id AND c.state = 'connected'
            AND (c.paused_until IS NULL OR c.paused_until <= %(until)s)
            AND NOT EXISTS (
                SELECT 1 FROM publishing_networkpause pause
                WHERE pause.until > %(until)s AND pause.host = {_HOST}
                OFFSET 0)
          OFFSET 0)
      AND NOT EXISTS (
          SELECT 1 FROM publishing_publishingpolicy p
          WHERE p.organization_id = d.organization_id AND p.suspended_at IS NOT NULL
          OFFSET 0)
      AND NOT EXISTS (
          SELECT 1 FROM publishing_delivery other
          WHERE other.channel_id = d.channel_id
            AND other.lease_expires_at > clock_timestamp() AND other.leased_by <> %(worker)s
            AND other.lease_expires_at < clock_timestamp() + interval '{LEASE_SECONDS + 60} seconds'
          OFFSET 0)
    ORDER BY d.next_attempt_at, d.id
    LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE publishing_delivery d
SET leased_by = %(worker)s, lease_expires_at = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE d.id = ANY(ARRAY(SELECT id FROM due))
RETURNING d.id, d.channel_id, d.state, d.message, d.progress, d.due_at, d.next_attempt_at, d.attempt_count, d.look_count
"""  # noqa: S608

_BEGIN = """
WITH begun AS (
    UPDATE publishing_delivery d
    SET state = CASE WHEN d.state = 'unknown' THEN 'unknown' ELSE 'sending' END,
        attempt_count = d.attempt_count + CASE WHEN d.state = 'unknown' THEN 0 ELSE 1 END,
        look_count = d.look_count + CASE WHEN d.state = 'unknown' THEN 1 ELSE 0 END,
        lease_expires_at = clock_timestamp() + make_interval(secs => %(lease)s)
    FROM publishing_channel c
    WHERE d.id = ANY(%(ids)s::uuid[]) AND c.id = d.channel_id AND c.state = 'connected'
      AND d.state IN ('scheduled', 'retrying', 'unknown') AND d.leased_by = %(worker)s
      AND d.next_attempt_at <= %(until)s
      AND NOT EXISTS (
          SELECT 1 FROM publishing_publishingpolicy p
          WHERE p.organization_id = d.organization_id AND p.suspended_at IS NOT NULL)
    RETURNING d.id, d.attempt_count, d.look_count, d.next_attempt_at
), closed AS (
    UPDATE publishing_attempt a
    SET finished_at = clock_timestamp(), outcome = 'unknown', explanation = %(died)s
    FROM begun WHERE begun.look_count > 0 AND a.delivery_id = begun.id AND a.finished_at IS NULL
)
INSERT INTO publishing_attempt (delivery_id, number, started_at, lateness, outcome, explanation, exchanges, worker)
SELECT id, attempt_count + look_count, clock_timestamp(),
       CASE WHEN attempt_count = 1 AND look_count = 0
            THEN extract(epoch FROM clock_timestamp() - next_attempt_at) END,
       '', '', '[]', %(worker)s
FROM begun
RETURNING delivery_id, id
"""


def claim(*, worker: str, until: datetime, missed_before: datetime, limit: int) -> list[Job]:
    """Takes up to `limit` deliveries that are due by `until` in hand, oldest first.

    Nothing of a channel that another worker has something of, nothing of what
    is paused or suspended, and nothing that missed its time: `missed` decides
    about that.
    """
    began = clock.elapsed()
    with connection.cursor() as cursor:
        # Both statements travel together and are one transaction of the server's own: a worker
        # that is stopped or cut off in the middle cannot keep the lock.
        cursor.execute(
            f"SELECT pg_advisory_xact_lock(%(lock)s); {_CLAIM}",
            {
                "lock": CLAIM_LOCK,
                "until": until,
                "missed_before": missed_before,
                "given_up_before": missed_before - timedelta(hours=settings.PUBLISHING_RETRY_HOURS),
                "worker": worker,
                "limit": limit,
                "lease": LEASE_SECONDS,
            },
        )
        cursor.nextset()
        rows = cursor.fetchall()
    if not rows:
        return []
    channels = Channel.objects.in_bulk({row[1] for row in rows})
    jobs = [
        Job(
            id=row[0],
            channel=channels[row[1]],
            state=row[2],
            message=_json(row[3]),
            progress=_json(row[4]),
            due_at=row[5],
            next_attempt_at=row[6],
            attempt_count=row[7],
            look_count=row[8],
            trusted_until=trusted_until(began),
        )
        for row in rows
    ]
    return sorted(jobs, key=lambda job: (job.next_attempt_at, job.due_at, job.id))


def begin(jobs: Sequence[Job], *, worker: str, until: datetime) -> list[Job]:
    """Writes that these are being sent now, with one open attempt each, and answers which of them still may be.

    What was cancelled, moved or suspended in the meantime is left out.
    """
    began = clock.elapsed()
    with together_with_news(State.SENDING), connection.cursor() as cursor:
        cursor.execute(
            _BEGIN,
            {
                "ids": [job.id for job in jobs],
                "worker": worker,
                "until": until,
                "lease": LEASE_SECONDS,
                "died": _("The worker stopped while it looked."),
            },
        )
        attempts = dict(cursor.fetchall())
        tell_on_the_way(attempts, State.SENDING)
    begun = []
    for job in jobs:
        if job.id in attempts:
            job.attempt_id = attempts[job.id]
            job.trusted_until = trusted_until(began)
            if job.is_look:
                job.look_count += 1
            else:
                job.attempt_count += 1
            begun.append(job)
    return begun


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, (str, bytes)) else value
