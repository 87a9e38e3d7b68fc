"""Who has which delivery in hand: every step is one statement, so that no crash leaves a row between two states.

All leases are measured by the database's clock, the only one that every worker
shares. One delivery of a channel at a time is in the hands of one worker: that
keeps a channel's posts in order.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from .models import Channel, Delivery
from .models.deliveries import states_before

LEASE_SECONDS = 20
RESTART_GRACE_SECONDS = 30  # after a restart of the database, so that living workers can renew first
CLAIM_LOCK = 7_301_001  # serialises claims, for a moment each, so that two workers never share a channel

State = Delivery.State


@dataclass(slots=True)
class Job:
    """A delivery that a worker has in hand."""

    id: UUID
    channel: Channel
    state: str
    message: dict
    progress: list
    due_at: datetime
    next_attempt_at: datetime
    attempt_count: int
    look_count: int
    attempt_id: int = 0

    @property
    def is_look(self) -> bool:
        """True where it is to be looked for, not sent."""
        return self.state == State.UNKNOWN


@dataclass(slots=True)
class Record:
    """What became of a job, as the rows shall say it."""

    job: Job
    state: str
    outcome: str
    explanation: str = ""
    exchanges: list = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)  # of the delivery
    finished_at: datetime | None = None
    retry_after: float | None = None  # seconds for which the network wants to be left alone


# The network as a whole, as Channel.host names it.
_HOST = """
    CASE WHEN c.sandbox THEN 'sandbox ' || c.id
         ELSE c.network || coalesce(' ' || nullif(substring(c.base_url FROM '://([^/]+)'), ''), '') END
"""

_CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT d.id
    FROM publishing_delivery d
    JOIN publishing_channel c ON c.id = d.channel_id
    LEFT JOIN publishing_publishingpolicy p ON p.organization_id = d.organization_id
    WHERE d.state IN ('scheduled', 'retrying', 'unknown') AND NOT d.asks_person
      AND d.next_attempt_at <= %(until)s
      AND (d.lease_expires_at IS NULL OR d.lease_expires_at < clock_timestamp())
      AND (d.state = 'unknown' OR d.late_allowed OR d.due_at > %(missed_before)s
           OR (d.state = 'retrying' AND d.due_at > %(given_up_before)s))
      AND c.state = 'connected'
      AND (c.paused_until IS NULL OR c.paused_until <= %(until)s)
      AND p.suspended_at IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM publishing_delivery other
          WHERE other.channel_id = d.channel_id
            AND other.lease_expires_at > clock_timestamp() AND other.leased_by <> %(worker)s)
      AND NOT EXISTS (
          SELECT 1 FROM publishing_networkpause pause
          WHERE pause.until > %(until)s AND pause.host = {_HOST})
    ORDER BY d.next_attempt_at, d.id
    LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE publishing_delivery d
SET leased_by = %(worker)s, lease_expires_at = clock_timestamp() + make_interval(secs => %(lease)s)
FROM due WHERE d.id = due.id
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
)
INSERT INTO publishing_attempt (delivery_id, number, started_at, lateness, outcome, explanation, exchanges, worker)
SELECT id, attempt_count + look_count, clock_timestamp(),
       CASE WHEN attempt_count = 1 AND look_count = 0
            THEN extract(epoch FROM clock_timestamp() - next_attempt_at) END,
       '', '', '[]', %(worker)s
FROM begun
RETURNING delivery_id, id
"""

_RECORD = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(%(records)s::jsonb) AS r(
        id uuid, attempt bigint, "from" jsonb, state text, outcome text, explanation text, exchanges jsonb,
        finished_at timestamptz, lateness float, next_attempt_at timestamptz, progress jsonb, remote_id text,
        permalink text, published_at timestamptz, failure text, failure_kind text, news boolean, asks boolean)
), recorded AS (
    UPDATE publishing_delivery d
    SET state = said.state,
        lease_expires_at = NULL,
        leased_by = '',
        next_attempt_at = coalesce(said.next_attempt_at, d.next_attempt_at),
        progress = coalesce(said.progress, d.progress),
        remote_id = coalesce(said.remote_id, d.remote_id),
        permalink = coalesce(said.permalink, d.permalink),
        published_at = coalesce(d.published_at, said.published_at),
        failure = coalesce(said.failure, ''),
        failure_kind = coalesce(said.failure_kind, ''),
        news_pending = coalesce(said.news, false),
        asks_person = coalesce(said.asks, false)
    FROM said
    WHERE d.id = said.id AND said."from" ? d.state
      AND (d.leased_by = %(worker)s OR (d.state = 'unknown' AND d.lease_expires_at IS NULL))
    RETURNING d.id
), logged AS (
    UPDATE publishing_attempt a
    SET finished_at = said.finished_at, outcome = said.outcome, explanation = said.explanation,
        exchanges = said.exchanges
    FROM said WHERE a.id = said.attempt
)
SELECT id FROM recorded
"""


def claim(*, worker: str, until: datetime, missed_before: datetime, limit: int) -> list[Job]:
    """Takes up to `limit` deliveries that are due by `until` in hand, oldest first.

    Nothing of a channel that another worker has something of, nothing of what
    is paused or suspended, and nothing that missed its time: `missed` decides
    about that.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
        cursor.execute(
            _CLAIM,
            {
                "until": until,
                "missed_before": missed_before,
                "given_up_before": missed_before - timedelta(hours=settings.PUBLISHING_RETRY_HOURS),
                "worker": worker,
                "limit": limit,
                "lease": LEASE_SECONDS,
            },
        )
        rows = cursor.fetchall()
    channels = Channel.objects.in_bulk({row[1] for row in rows}) if rows else {}
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
        )
        for row in rows
    ]
    return sorted(jobs, key=lambda job: (job.next_attempt_at, job.due_at, job.id))


def begin(jobs: Sequence[Job], *, worker: str, until: datetime) -> list[Job]:
    """Writes that these are being sent now, with one open attempt each, and answers which of them still may be.

    What was cancelled, moved or suspended in the meantime is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN, {"ids": [job.id for job in jobs], "worker": worker, "until": until, "lease": LEASE_SECONDS}
        )
        attempts = dict(cursor.fetchall())
    begun = []
    for job in jobs:
        if job.id in attempts:
            job.attempt_id = attempts[job.id]
            if job.is_look:
                job.look_count += 1
            else:
                job.attempt_count += 1
            begun.append(job)
    return begun


def record(records: Sequence[Record], *, worker: str) -> set[UUID]:
    """Writes what became of jobs, all at once, and answers for which of them this worker still had the say."""
    rows = [
        {
            "id": str(record.job.id),
            "attempt": record.job.attempt_id,
            "from": [*states_before(record.state), *([record.state] if record.job.is_look else [])],
            "state": record.state,
            "outcome": record.outcome,
            "explanation": record.explanation,
            "exchanges": record.exchanges,
            "finished_at": record.finished_at.isoformat() if record.finished_at else None,
            **{
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in record.changes.items()
            },
        }
        for record in records
    ]
    payload = json.dumps(rows, default=str).replace("\\u0000", "")
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, {"records": payload, "worker": worker})
        return {row[0] for row in cursor.fetchall()}


def keep_progress(job: Job, segment: dict, *, worker: str) -> None:
    """Writes at once that one more segment of a thread is out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE publishing_delivery SET progress = progress || %s::jsonb WHERE id = %s AND leased_by = %s",
            [json.dumps([segment]), job.id, worker],
        )


def renew(*, worker: str) -> None:
    """Keeps everything that the worker has in hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE publishing_delivery SET lease_expires_at = clock_timestamp() + make_interval(secs => %s) "
            "WHERE lease_expires_at IS NOT NULL AND leased_by = %s",
            [LEASE_SECONDS, worker],
        )


def put_back(ids: Iterable[UUID], *, worker: str) -> None:
    """Gives back what was claimed but not begun."""
    ids = list(ids)
    if ids:
        Delivery.objects.filter(
            pk__in=ids, leased_by=worker, state__in=[State.SCHEDULED, State.RETRYING, State.UNKNOWN]
        ).update(leased_by="", lease_expires_at=None)


def sweep() -> int:
    """Takes up what a worker that died was sending: its outcome is unknown now. Says how many.

    What such a worker had claimed but not begun is simply claimed by another.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH dead AS (
                UPDATE publishing_delivery d
                SET state = 'unknown', lease_expires_at = NULL, leased_by = '', look_count = 0,
                    next_attempt_at = clock_timestamp() + interval '2 seconds'
                WHERE d.lease_expires_at < clock_timestamp() AND d.state = 'sending'
                  AND clock_timestamp() - pg_postmaster_start_time() > make_interval(secs => %(grace)s)
                RETURNING d.id
            ), closed AS (
                UPDATE publishing_attempt a
                SET finished_at = clock_timestamp(), outcome = 'unknown', explanation = %(explanation)s
                FROM dead WHERE a.delivery_id = dead.id AND a.finished_at IS NULL
            )
            SELECT count(*) FROM dead
            """,
            {
                "grace": RESTART_GRACE_SECONDS,
                "explanation": "The worker stopped in the middle, so it is not known whether the post went out.",
            },
        )
        return cursor.fetchone()[0]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, (str, bytes)) else value
