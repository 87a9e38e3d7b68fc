"""How long a worker may call a delivery its own, and what happens when it stops saying so.

A lease lasts `PUBLISHING_LEASE` seconds by the database's clock. A living worker renews
what it really has in hand, by id: what it took without ever learning of it,
because a connection broke between commit and answer, is let go. A sender asks
`Job.is_mine()` before every call that makes a post visible, so a worker that
was stopped for longer than its lease sends nothing afterwards.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from . import clock
from .models import Delivery

LEASE_SECONDS = settings.PUBLISHING_LEASE
RENEW_SECONDS = LEASE_SECONDS / 5
MARGIN_SECONDS = LEASE_SECONDS / 4  # before its end in which a lease is not relied on any more
STILL_SECONDS = LEASE_SECONDS * 0.4  # a lease is over when it has stood still for so long after its end: see Sweeper

State = Delivery.State

# Also a lease of a clock that was set back since: nobody grants one that long.
RUN_OUT = (
    "(d.lease_expires_at < clock_timestamp()"
    f" OR d.lease_expires_at > clock_timestamp() + interval '{LEASE_SECONDS + 60} seconds')"
)


def trusted_until(began: float) -> float:
    """Until when, by `clock.elapsed()`, a lease may be relied on that was asked for at `began`."""
    return began + LEASE_SECONDS - MARGIN_SECONDS


def prepare_connection() -> None:
    """Lets the database end what a worker leaves behind that was stopped or cut off in the middle.

    Nobody waits for its locks for longer than this, and it waits for nobody's.
    """
    if connection.connection is None or connection.in_atomic_block:
        connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', '15s', false),"
            " set_config('lock_timeout', '10s', false), set_config('tcp_keepalives_idle', '30', false),"
            " set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)"
        )


def renew(ids: Iterable[UUID], *, worker: str) -> set[UUID]:
    """Keeps these in the worker's hand, and answers which of them still are in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE publishing_delivery SET lease_expires_at = clock_timestamp() + make_interval(secs => %s) "
            "WHERE id = ANY(%s::uuid[]) AND lease_expires_at IS NOT NULL AND leased_by = %s RETURNING id",
            [LEASE_SECONDS, list(ids), worker],
        )
        return {row[0] for row in cursor.fetchall()}


def put_back(ids: Iterable[UUID], *, worker: str) -> None:
    """Gives back what was claimed but not begun."""
    ids = list(ids)
    if ids:
        Delivery.objects.filter(
            pk__in=ids, leased_by=worker, state__in=[State.SCHEDULED, State.RETRYING, State.UNKNOWN]
        ).update(leased_by="", lease_expires_at=None)


def let_go(*, worker: str, keep: Iterable[UUID]) -> int:
    """After trouble: gives back all that the rows say is the worker's, except what its senders have. Says how many.

    What was begun by a statement whose answer never came is surely not sent: no sender was told of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS (
                UPDATE publishing_delivery d
                SET state = CASE WHEN d.state = 'sending' THEN 'retrying' ELSE d.state END,
                    lease_expires_at = NULL, leased_by = ''
                WHERE d.lease_expires_at IS NOT NULL AND d.leased_by = %(worker)s AND d.id <> ALL(%(keep)s::uuid[])
                RETURNING d.id
            ), closed AS (
                UPDATE publishing_attempt a
                SET finished_at = clock_timestamp(), outcome = 'try_later', explanation = %(explanation)s
                FROM mine WHERE a.delivery_id = mine.id AND a.finished_at IS NULL
            )
            SELECT count(*) FROM mine
            """,
            {
                "worker": worker,
                "keep": list(keep),
                "explanation": _("The connection to the database broke off before this was sent."),
            },
        )
        return cursor.fetchone()[0]


class Sweeper:
    """Takes up what a worker that died was sending: its outcome is unknown now.

    A clock that is set forward, or a restart of the database, makes leases look
    run out that are alive. So a lease counts as over only when it has also
    stood still for `patience` seconds of this process: a living worker would
    have renewed it meanwhile. What a dead worker had claimed but not begun is
    simply claimed by another.
    """

    def __init__(self, *, patience: float = STILL_SECONDS):
        self.patience = patience
        self.seen: dict[tuple[UUID, datetime], float] = {}

    def sweep(self) -> int:
        """Says how many were taken up."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.id, d.lease_expires_at FROM publishing_delivery d"  # noqa: S608
                f" WHERE d.lease_expires_at IS NOT NULL AND d.state = 'sending' AND {RUN_OUT}"
            )
            found = cursor.fetchall()
        at = clock.elapsed()
        self.seen = {lease: self.seen.get(lease, at) for lease in found}
        over = [lease for lease, since in self.seen.items() if at - since >= self.patience]
        return self._take_up(over) if over else 0

    def _take_up(self, leases: list[tuple[UUID, datetime]]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH dead AS (
                    UPDATE publishing_delivery d
                    SET state = 'unknown', lease_expires_at = NULL, leased_by = '', look_count = 0,
                        next_attempt_at = clock_timestamp() + interval '2 seconds'
                    FROM unnest(%(ids)s::uuid[], %(ends)s::timestamptz[]) AS lease(id, ends)
                    WHERE d.id = lease.id AND d.lease_expires_at = lease.ends AND d.state = 'sending'
                    RETURNING d.id
                ), closed AS (
                    UPDATE publishing_attempt a
                    SET finished_at = clock_timestamp(), outcome = 'unknown', explanation = %(explanation)s
                    FROM dead WHERE a.delivery_id = dead.id AND a.finished_at IS NULL
                )
                SELECT count(*) FROM dead
                """,
                {
                    "ids": [lease[0] for lease in leases],
                    "ends": [lease[1] for lease in leases],
                    "explanation": _("The worker stopped in the middle, so it is not known whether the post went out."),
                },
            )
            return cursor.fetchone()[0]
