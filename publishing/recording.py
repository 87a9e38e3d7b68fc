"""What became of deliveries, written all at once: one statement, so that no crash leaves a row between two states."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import DataError, connection

from .jobs import Job, Record
from .models import Delivery
from .models.deliveries import states_before
from .telling import tell_on_the_way, together_with_news

State = Delivery.State
log = logging.getLogger("publishing")

_RECORD = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(%(records)s::jsonb) AS r(
        id uuid, attempt bigint, attempts int, "from" jsonb, state text, outcome text, explanation text,
        exchanges jsonb, finished_at timestamptz, lateness float, next_attempt_at timestamptz, progress jsonb,
        remote_id text, permalink text, published_at timestamptz, failure text, failure_kind text, news boolean,
        asks boolean)
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
    WHERE d.id = said.id AND said."from" ? d.state AND d.attempt_count = said.attempts
      AND (d.leased_by = %(worker)s
           OR (d.lease_expires_at IS NULL
               AND (d.state = 'unknown' OR (d.state = 'retrying' AND said.state = 'published'))))
    RETURNING d.id
), logged AS (
    UPDATE publishing_attempt a
    SET finished_at = said.finished_at, outcome = said.outcome, explanation = said.explanation,
        exchanges = said.exchanges
    FROM said WHERE a.id = said.attempt
)
SELECT id FROM recorded
"""


def record(records: Sequence[Record], *, worker: str) -> set[UUID]:
    """Writes what became of jobs, all at once, and answers for which of them this worker still had the say."""
    rows = [
        {
            "id": str(record.job.id),
            "attempt": record.job.attempt_id,
            "attempts": record.job.attempt_count,
            "from": [*states_before(record.state), *([record.state] if record.state == State.UNKNOWN else [])],
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
    try:
        return _write(rows, worker=worker)
    except DataError:
        return _write_one_by_one(rows, worker=worker)


def _write(rows: list[dict], *, worker: str) -> set[UUID]:
    payload = json.dumps(rows, default=str).replace("\\u0000", "")
    with together_with_news(State.RETRYING), connection.cursor() as cursor:
        cursor.execute(_RECORD, {"records": payload, "worker": worker})
        written = {row[0] for row in cursor.fetchall()}
        tell_on_the_way(written, State.RETRYING)
        return written


def _write_one_by_one(rows: list[dict], *, worker: str) -> set[UUID]:
    """For answers with something in them that a database does not take: that must hold up nothing."""
    written: set[UUID] = set()
    for row in rows:
        try:
            written |= _write([row], worker=worker)
        except DataError as err:
            log.error("Delivery %s: its record could not be kept as it was: %s", row["id"], str(err).strip())
            written |= _write([_tame(row)], worker=worker)
    return written


def _tame(row: dict) -> dict:
    """A record without what the network said, and with nothing longer than its column or unlike text."""

    def text(value: str, length: int) -> str:
        return value.encode("utf-8", "replace").decode()[:length]

    lengths = {"remote_id": 300, "permalink": 500}
    return {
        **{
            name: text(value, lengths.get(name, 4000)) if isinstance(value, str) else value
            for name, value in row.items()
        },
        "exchanges": [],
        "progress": json.loads(
            json.dumps(row.get("progress")), parse_constant=str, object_hook=lambda each: {
                name: text(value, 4000) if isinstance(value, str) else value for name, value in each.items()
            }
        ),
    }  # fmt: skip


def keep_progress(job: Job, segment: dict, *, worker: str) -> None:
    """Writes at once that one more segment of a thread is out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE publishing_delivery SET progress = progress || %s::jsonb WHERE id = %s AND leased_by = %s",
            [json.dumps([segment]), job.id, worker],
        )
