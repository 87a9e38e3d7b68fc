"""The counter and the ledger change together, in one statement each: reserve, settle, release.

One statement is one round trip to the database and one moment: whatever is
killed between two lines of Python, counter, ledger and open reservations agree.
The counter's row is locked by its own update, whose condition PostgreSQL checks
again on the row that it got, so that no number of callers at once gets past the limit.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from .models import Reservation, UsageEntry
from .periods import Window

_RESERVE = """
WITH promised AS (
    UPDATE billing_usageperiod
    SET reserved = reserved + %(tokens)s, ends_at = %(ends_at)s
    WHERE organization_id = %(organization)s AND subscription_id = %(subscription)s AND starts_at = %(starts_at)s
        AND used + reserved + %(tokens)s <= %(limit)s
    RETURNING id
), held AS (
    INSERT INTO billing_reservation (id, period_id, tokens, user_id, created_at, expires_at)
    SELECT %(id)s, id, %(tokens)s, %(user)s, %(now)s, %(expires_at)s FROM promised
)
INSERT INTO billing_usageentry
    (id, period_id, reservation, kind, tokens, held, provider_tokens, provider, model, user_id, created_at)
SELECT %(entry)s, id, %(id)s, 'reserve', 0, %(tokens)s, 0, '', '', %(user)s, %(now)s FROM promised
RETURNING period_id
"""

# Whoever deletes the reservation's row ends it. The line's uniqueness lets it be charged once only,
# also where the reservation was swept before.
_SETTLE = """
WITH ended AS (
    DELETE FROM billing_reservation WHERE id = %(id)s RETURNING tokens
), line AS (
    INSERT INTO billing_usageentry
        (id, period_id, reservation, kind, tokens, held, provider_tokens, provider, model, user_id, created_at)
    SELECT %(entry)s, %(period)s, %(id)s, 'settle', %(charged)s, -coalesce((SELECT tokens FROM ended), 0),
        %(provider_tokens)s, %(provider)s, %(model)s, %(user)s, %(now)s
    ON CONFLICT (reservation, kind) DO NOTHING
    RETURNING period_id, tokens, held
)
UPDATE billing_usageperiod AS period
SET used = period.used + line.tokens, reserved = period.reserved + line.held
FROM line WHERE period.id = line.period_id
RETURNING period.used, period.reserved
"""

_RELEASE = """
WITH ended AS (
    DELETE FROM billing_reservation WHERE id = %(id)s RETURNING period_id, tokens, user_id
), line AS (
    INSERT INTO billing_usageentry
        (id, period_id, reservation, kind, tokens, held, provider_tokens, provider, model, user_id, created_at)
    SELECT %(entry)s, period_id, %(id)s, 'release', 0, -tokens, 0, '', '', user_id, %(now)s FROM ended
    RETURNING period_id, held
)
UPDATE billing_usageperiod AS period
SET reserved = period.reserved + line.held
FROM line WHERE period.id = line.period_id
"""


def reserve(reservation: Reservation, *, organization_id: UUID, window: Window, limit: int, now: datetime) -> bool:
    """Holds the reservation's tokens in the window's period and gives it that period.

    False if the period has fewer left, or does not exist yet; then nothing changed.
    """
    row = _row(
        _RESERVE,
        id=reservation.pk,
        tokens=reservation.tokens,
        user=reservation.user_id,
        expires_at=reservation.expires_at,
        organization=organization_id,
        subscription=window.subscription_id,
        starts_at=window.starts_at,
        ends_at=window.ends_at,  # moves where a trial was prolonged, or the subscription will end earlier
        limit=limit,
        now=now,
    )
    if row is None:
        return False
    (reservation.period_id,) = row
    reservation._state.adding = False
    return True


def settle(
    reservation: Reservation, *, charged: int, provider_tokens: int, provider: str, model: str, now: datetime
) -> tuple[int, int] | None:
    """Ends the reservation with a charge. The period's `used` and `reserved` after it; None if charged before."""
    return _row(
        _SETTLE,
        id=reservation.pk,
        period=reservation.period_id,
        user=reservation.user_id,
        charged=charged,
        provider_tokens=provider_tokens,
        provider=provider,
        model=model,
        now=now,
    )


def release(reservation: Reservation, *, now: datetime) -> None:
    """Ends the reservation without a charge. Nothing happens if it has ended already."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"id": reservation.pk, "entry": _new_id(), "now": now})


def _row(statement: str, **values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"entry": _new_id()})
        return cursor.fetchone()


def _new_id() -> UUID:
    return UsageEntry._meta.pk.get_default()
