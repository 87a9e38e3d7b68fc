"""Who used an organization's tokens for what: the ledger added up for people to read."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from organizations.models import Organization

from .models import UsageEntry, UsagePeriod
from .quotas import Allowance

PROVIDER_NAMES = {"openai": "OpenAI", "gemini": "Gemini", "demo": "Demo"}


@dataclass(frozen=True)
class Share:
    """One person's, provider's or model's part of the tokens."""

    label: str
    tokens: int
    generations: int
    percent: int  # of all tokens used, rounded down


@dataclass(frozen=True)
class Day:
    day: date
    tokens: int


@dataclass(frozen=True)
class Report:
    """A period's use, from four sides. The lists of shares begin with the largest."""

    days: list[Day]
    people: list[Share]
    providers: list[Share]
    models: list[Share]
    generations: int


def period_of(organization: Organization, allowance: Allowance) -> UsagePeriod | None:
    """The counter behind an allowance; none while nothing was used."""
    return UsagePeriod.objects.filter(
        organization=organization, starts_at=allowance.starts_at, ends_at=allowance.ends_at
    ).first()


def settled(period: UsagePeriod | None):
    """The lines of the ledger that cost something, oldest first."""
    if period is None:
        return UsageEntry.objects.none()
    return UsageEntry.objects.filter(period=period, kind=UsageEntry.Kind.SETTLE)


def report(organization: Organization, allowance: Allowance) -> Report:
    """Adds up the current period's ledger; every day of the period is in it, the days to come too."""
    entries = settled(period_of(organization, allowance)).order_by()
    spent = {
        row["day"]: row["tokens"]
        for row in entries.annotate(day=TruncDate("created_at", tzinfo=organization.zone))
        .values("day")
        .annotate(tokens=Sum("tokens"))
    }
    people = _shares(
        entries.values("user", "user__first_name", "user__last_name", "user__email"),
        lambda row: (
            f"{row['user__first_name']} {row['user__last_name']}".strip()
            or row["user__email"]
            or _("Somebody who is gone")
        ),
    )
    return Report(
        days=[Day(day, spent.get(day, 0)) for day in _days(organization, allowance)],
        people=people,
        providers=_shares(entries.values("provider"), lambda row: PROVIDER_NAMES.get(row["provider"], row["provider"])),
        models=_shares(entries.values("model"), lambda row: row["model"] or _("Not named")),
        generations=sum(share.generations for share in people),
    )


def _days(organization: Organization, allowance: Allowance) -> list[date]:
    first = allowance.starts_at.astimezone(organization.zone).date()
    last = (allowance.ends_at - timedelta(microseconds=1)).astimezone(organization.zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _shares(rows, label) -> list[Share]:
    found = list(rows.annotate(tokens=Sum("tokens"), generations=Count("pk")).order_by("-tokens"))
    total = sum(row["tokens"] for row in found) or 1
    return [Share(label(row), row["tokens"], row["generations"], row["tokens"] * 100 // total) for row in found]
