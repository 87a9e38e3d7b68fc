"""Tokens: reserve an estimate before a provider is called, settle with what it reports, release on failure.

One token of a plan stands for `PROVIDER_TOKENS_PER_TOKEN` tokens of the AI
provider. The period's counter changes by one conditional statement, so that no
number of callers at once gets past the limit; every change is a line of the
ledger, written in the same transaction.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.models import Organization

from . import warnings
from .entitlements import Standing, standing_of
from .models import Reservation, UsageEntry, UsagePeriod
from .problems import QuotaExceeded

__all__ = [
    "Allowance",
    "QuotaExceeded",
    "current_period",
    "release",
    "remaining",
    "reserve",
    "settle",
    "sweep",
    "tokens_for",
]

# Far longer than a generation with all its corrections may take.
RESERVATION_LIFETIME = timedelta(minutes=30)


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
    if period.ends_at != window.ends_at:  # a trial was prolonged, or the subscription will end earlier
        UsagePeriod.objects.filter(pk=period.pk).update(ends_at=window.ends_at)
        period.ends_at = window.ends_at
    return period


def remaining(organization: Organization) -> Allowance:
    """How the organization stands in the current period. Changes nothing."""
    standing = standing_of(organization)
    window = standing.window
    counters = (
        UsagePeriod.objects.filter(
            organization=organization, subscription_id=window.subscription_id, starts_at=window.starts_at
        )
        .values_list("used", "reserved")
        .first()
    )
    used, reserved = counters or (0, 0)
    return Allowance(standing.plan.tokens, used, reserved, window.starts_at, window.ends_at)


def reserve(organization: Organization, *, tokens: int, user=None, standing: Standing | None = None) -> Reservation:
    """Promises `tokens` of the current period to one call of a provider.

    `standing` is how the organization stands, for a caller who has just asked.
    Raises QuotaExceeded when fewer are left. Must be called outside of a
    transaction: the promise has to be seen by everybody before the provider is
    called, and no lock may be held meanwhile.
    """
    if tokens < 1:
        raise ValueError("At least one token has to be reserved.")
    standing = standing or standing_of(organization)
    with transaction.atomic(durable=True):
        period = current_period(organization, standing=standing)
        promised = UsagePeriod.objects.filter(
            pk=period.pk, used__lte=standing.plan.tokens - F("reserved") - tokens
        ).update(reserved=F("reserved") + tokens)
        if promised:
            reservation = Reservation.objects.create(
                period=period, tokens=tokens, user=user, expires_at=timezone.now() + RESERVATION_LIFETIME
            )
            UsageEntry.objects.create(
                period=period,
                reservation=reservation.pk,
                kind=UsageEntry.Kind.RESERVE,
                tokens=0,
                held=tokens,
                user=user,
            )
            reservation.limit = standing.plan.tokens
            return reservation
    raise _exceeded(organization, standing, period, tokens)


def settle(reservation: Reservation, *, provider_tokens: int, provider: str, model: str) -> int:
    """Charges what the provider reports and ends the reservation. Returns the tokens charged.

    More than was reserved is taken too, even past the limit: the text is
    already written. The next `reserve` then fails. Settling again charges nothing
    and returns what was charged. A reservation that was swept meanwhile is
    charged all the same.
    """
    charged = tokens_for(provider_tokens)
    with transaction.atomic():
        held = _end(reservation)
        if held == 0:
            earlier = UsageEntry.objects.filter(reservation=reservation.pk, kind=UsageEntry.Kind.SETTLE).first()
            if earlier:
                return earlier.tokens
        UsageEntry.objects.create(
            period_id=reservation.period_id,
            reservation=reservation.pk,
            kind=UsageEntry.Kind.SETTLE,
            tokens=charged,
            held=-held,
            provider_tokens=provider_tokens,
            provider=provider,
            model=model,
            user_id=reservation.user_id,
        )
        UsagePeriod.objects.filter(pk=reservation.period_id).update(
            used=F("used") + charged, reserved=F("reserved") - held
        )
        transaction.on_commit(lambda: warnings.look_at(reservation.period_id, limit=reservation.limit))
    return charged


def release(reservation: Reservation) -> None:
    """Ends the reservation without a charge. Nothing happens if it has ended already."""
    with transaction.atomic():
        held = _end(reservation)
        if held:
            UsageEntry.objects.create(
                period_id=reservation.period_id,
                reservation=reservation.pk,
                kind=UsageEntry.Kind.RELEASE,
                tokens=0,
                held=-held,
                user_id=reservation.user_id,
            )
            UsagePeriod.objects.filter(pk=reservation.period_id).update(reserved=F("reserved") - held)


def sweep() -> int:
    """Releases what processes that died have left reserved. Returns how many reservations that were."""
    left = Reservation.objects.filter(expires_at__lte=timezone.now())
    for reservation in left:
        release(reservation)
    return len(left)


def _end(reservation: Reservation) -> int:
    """Takes the reservation out of the open ones; how many tokens it held, or 0 if it had ended before."""
    deleted, _per_model = Reservation.objects.filter(pk=reservation.pk).delete()
    return reservation.tokens if deleted else 0


def _exceeded(organization: Organization, standing: Standing, period: UsagePeriod, tokens: int) -> QuotaExceeded:
    limit = standing.plan.tokens
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
