"""Tokens: reserve an estimate before a provider is called, settle with what it reports, release on failure.

One token of a plan stands for `PROVIDER_TOKENS_PER_TOKEN` tokens of the AI
provider. The period's counter and its ledger change by one conditional
statement (`billing.ledger`), so that no number of callers at once gets past the limit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.models import Organization

from . import ledger, warnings
from .entitlements import Standing, standing_from, standing_of
from .models import PlanGrant, Reservation, UsageEntry, UsagePeriod
from .problems import QuotaExceeded
from .subscriptions import running

__all__ = [
    "Allowance",
    "QuotaExceeded",
    "current_period",
    "every_text_needs",
    "look",
    "release",
    "remaining",
    "reserve",
    "settle",
    "sweep",
    "tokens_for",
]

# Far longer than a generation with all its corrections may take.
RESERVATION_LIFETIME = timedelta(minutes=30)

# So many of the newest periods come along when somebody looks: the current one is nearly always among them.
KNOWN_PERIODS = 12


_needs: list[Callable[[], int]] = []


def every_text_needs(least: Callable[[], int]) -> None:
    """Called by the app that has texts written, when it is ready: so many tokens each of them sets aside at least."""
    _needs.append(least)


@dataclass(frozen=True)
class Allowance:
    """How the current period stands, in tokens of the plan."""

    limit: int
    used: int
    reserved: int
    starts_at: datetime
    ends_at: datetime

    @property
    def remaining(self) -> int:
        return max(self.limit - self.used - self.reserved, 0)

    @property
    def percent(self) -> int:
        """Whole per cent of the limit that are used, rounded down; may pass 100."""
        return self.used * 100 // self.limit if self.limit else 100

    @property
    def needed(self) -> int:
        """What has to be left for a text to be begun."""
        return min((least() for least in _needs), default=1)

    @property
    def is_used_up(self) -> bool:
        """True where no text can be written until the period's end: what is left is less than any sets aside."""
        return self.limit - self.used < self.needed

    @property
    def level(self) -> str:
        """How much somebody should care: `calm`, `near` from 80 %, `full` when no text can be written any more."""
        return "full" if self.is_used_up else "near" if self.percent >= 80 else "calm"


def tokens_for(provider_tokens: int) -> int:
    """What so many of the provider's tokens cost: rounded up, at least 1."""
    return max(math.ceil(provider_tokens / settings.PROVIDER_TOKENS_PER_TOKEN), 1)


def current_period(organization: Organization, *, standing: Standing | None = None) -> UsagePeriod:
    """The counter of the period that now belongs to; made when first needed, by whoever comes first."""
    window = (standing or standing_of(organization)).window
    key = {
        "organization": organization,
        "subscription_id": window.subscription_id,
        "starts_at": window.starts_at,
    }
    period = UsagePeriod.objects.filter(**key).first()
    if period is None:
        UsagePeriod.objects.bulk_create([UsagePeriod(**key, ends_at=window.ends_at)], ignore_conflicts=True)
        period = UsagePeriod.objects.get(**key)
    return period


def remaining(organization: Organization) -> Allowance:
    """How the organization stands in the current period, in one query. Changes nothing."""
    return look(organization)[1]


def look(organization: Organization) -> tuple[Standing, Allowance]:
    """The plan and what is left of it now, in one query (and one for each unpaid subscription). Changes nothing."""
    now = timezone.now()
    mine = {"organization": OuterRef("pk")}
    grants = PlanGrant.objects.in_force(now).filter(**mine).order_by()
    periods = UsagePeriod.objects.filter(**mine)[:KNOWN_PERIODS]
    found = Organization.objects.filter(pk=organization.pk).values_list(
        ArraySubquery(running().filter(customer__subscriber=OuterRef("pk")).values("stripe_data")),
        ArraySubquery(_as_json(grants, "plan", "ends_at")),
        ArraySubquery(_as_json(periods, "subscription_id", "starts_at", "used", "reserved")),
    )
    subscriptions, granted, counted = found.first() or ([], [], [])
    standing = standing_from(subscriptions, [(each["plan"], _moment(each["ends_at"])) for each in granted], now)
    window = standing.window
    counters = next(
        (
            (each["used"], each["reserved"])
            for each in counted
            if (each["subscription_id"], _moment(each["starts_at"])) == (window.subscription_id, window.starts_at)
        ),
        None,
    )
    if counters is None and len(counted) == KNOWN_PERIODS:
        older = UsagePeriod.objects.filter(
            organization=organization, subscription_id=window.subscription_id, starts_at=window.starts_at
        )
        counters = older.values_list("used", "reserved").first()
    used, reserved = counters or (0, 0)
    return standing, Allowance(standing.plan.tokens, used, reserved, window.starts_at, window.ends_at)


def reserve(organization: Organization, *, tokens: int, user=None, standing: Standing | None = None) -> Reservation:
    """Promises `tokens` of the current period to one call of a provider.

    `standing` is how the organization stands, for a caller who has just asked.
    Raises QuotaExceeded when fewer are left. Must be called outside of a
    transaction: the promise has to be seen by everybody before the provider is
    called, and no lock may be held meanwhile.
    """
    if tokens < 1:
        raise ValueError("At least one token has to be reserved.")
    _must_be_seen_at_once()
    standing = standing or standing_of(organization)
    now = timezone.now()
    limit = standing.plan.tokens
    reservation = Reservation(tokens=tokens, user=user, created_at=now, expires_at=now + RESERVATION_LIFETIME)
    reservation.limit = limit
    hold = partial(
        ledger.reserve, reservation, organization_id=organization.pk, window=standing.window, limit=limit, now=now
    )
    if hold():
        return reservation
    # Either the period has too few left, or it is not there yet.
    current_period(organization, standing=standing)
    if hold():
        return reservation
    raise _exceeded(organization, standing, tokens)


def settle(reservation: Reservation, *, provider_tokens: int, provider: str, model: str) -> int:
    """Charges what the provider reports and ends the reservation. Returns the tokens charged.

    More than was reserved is taken too, even past the limit: the text is
    already written. The next `reserve` then fails. Settling again charges nothing
    and returns what was charged. A reservation that was swept meanwhile is
    charged all the same.
    """
    charged = tokens_for(provider_tokens)
    now = timezone.now()
    counters = ledger.settle(
        reservation, charged=charged, provider_tokens=provider_tokens, provider=provider, model=model, now=now
    )
    if counters is None:
        return UsageEntry.objects.get(reservation=reservation.pk, kind=UsageEntry.Kind.SETTLE).tokens
    used, reserved = counters
    if reservation.limit:
        reservation.left = max(reservation.limit - used - reserved, 0)
    if warnings.is_worth_a_look(used, limit=reservation.limit):
        transaction.on_commit(lambda: warnings.look_at(reservation.period_id))
    return charged


def release(reservation: Reservation) -> None:
    """Ends the reservation without a charge. Nothing happens if it has ended already."""
    ledger.release(reservation, now=timezone.now())


def sweep() -> int:
    """Releases what processes that died have left reserved. Returns how many reservations that were."""
    left = Reservation.objects.filter(expires_at__lte=timezone.now())
    for reservation in left:
        release(reservation)
    return len(left)


def _must_be_seen_at_once() -> None:
    """Refuses to go on inside of a transaction, as `atomic(durable=True)` does, but without opening one."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("Tokens cannot be reserved inside of a transaction.")


def _as_json(rows, *names: str):
    return rows.values(row=JSONObject(**{name: name for name in names}))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _exceeded(organization: Organization, standing: Standing, tokens: int) -> QuotaExceeded:
    limit, period = standing.plan.tokens, standing.window
    left = remaining(organization).remaining
    ends = date_format(period.ends_at.astimezone(organization.zone), "j F Y")
    if left:
        said = ngettext(
            "This needs %(tokens)d token and only %(left)d of the %(limit)d of the %(plan)s plan are left until "
            "%(ends)s.",
            "This needs %(tokens)d tokens and only %(left)d of the %(limit)d of the %(plan)s plan are left until "
            "%(ends)s.",
            tokens,
        )
    else:
        said = _("All %(limit)d tokens of the %(plan)s plan are used or reserved until %(ends)s.")
    advice = _("Wait for the next period, or ask an Owner to choose a larger plan under Plan & usage.")
    return QuotaExceeded(
        said % {"tokens": tokens, "left": left, "limit": limit, "plan": standing.plan.name, "ends": ends}
        + " "
        + advice,
        limit=limit,
        remaining=left,
        period_ends_at=period.ends_at.isoformat(),
    )
