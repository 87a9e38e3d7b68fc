"""What dj-stripe's copy of a subscription says, in the product's words.

Everything is read from `stripe_data`, Stripe's own object: since 2025 the
period stands on the subscription's items and no longer on the subscription,
which dj-stripe's own columns and questions do not know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from djstripe.models import Invoice, Price, Subscription, SubscriptionSchedule

from organizations.models import Organization

from .periods import Window, add_months, month_from
from .plans import PLANS, Plan

IN_FORCE = ("active", "trialing")
PAST_DUE = "past_due"
METADATA_KEY = "content_studio_plan"  # on prices and products: which plan they sell


def moment_of(timestamp: int) -> datetime:
    """A Stripe timestamp (seconds since 1970) as a moment in UTC."""
    return datetime.fromtimestamp(timestamp, UTC)


def moment_or_none(timestamp: int | None) -> datetime | None:
    return None if timestamp is None else moment_of(timestamp)


def id_of(named: str | dict | None) -> str:
    """The id of an object that Stripe names by it, or sends along whole; empty for none."""
    return named["id"] if isinstance(named, dict) else named or ""


@dataclass(frozen=True)
class PlannedChange:
    """What a subscription becomes by itself: a smaller plan or shorter payment, chosen for the paid period's end."""

    plan: Plan
    yearly: bool
    starts_at: datetime
    schedule_id: str


@dataclass(frozen=True)
class Terms:
    """One subscription: which plan it pays for, how it stands, and its dates."""

    id: str
    customer_id: str
    plan: Plan
    price_id: str
    yearly: bool
    status: str
    anchor: datetime
    period_starts_at: datetime
    period_ends_at: datetime
    trial_ends_at: datetime | None
    ends_at: datetime | None  # cancelled as of this moment, which may lie ahead
    unpaid_since: datetime | None
    schedule_id: str  # Stripe's id of the schedule that changes it by itself, or empty

    @property
    def grace_ends_at(self) -> datetime | None:
        """Until when the plan holds although a payment failed."""
        return self.unpaid_since and self.unpaid_since + timedelta(days=settings.BILLING_GRACE_DAYS)

    def holds_at(self, moment: datetime) -> bool:
        """True if the plan's limits are the organization's at `moment`."""
        if self.ends_at and self.ends_at <= moment:
            return False  # Stripe's news of the end may still be on its way
        if self.status == PAST_DUE:
            return self.grace_ends_at is not None and moment < self.grace_ends_at
        return self.status in IN_FORCE

    def window_at(self, moment: datetime) -> Window:
        """The period that tokens are counted in at `moment`.

        Stripe's own period where it is a month (or a trial). A year is counted in
        months from the billing day. Where Stripe's news of the renewal is still on
        its way, the next month is counted in the same manner, so that it is the
        period which the renewal then names.
        """
        trial = self.trial_ends_at is not None and moment < self.trial_ends_at
        if self.period_starts_at <= moment < self.period_ends_at and (trial or not self.yearly):
            return Window(self.period_starts_at, self.period_ends_at, self.id)
        anchor = self.anchor
        if moment < anchor:
            anchor = self.period_starts_at
        if moment < anchor:  # a clock that runs behind Stripe's
            return Window(anchor, add_months(anchor, 1), self.id)
        return month_from(anchor, moment, subscription_id=self.id)


def running():
    """dj-stripe's copies of the subscriptions that are not over."""
    return Subscription.objects.filter(stripe_data__status__in=[*IN_FORCE, PAST_DUE, "unpaid"])


def ranked(found: Iterable[dict]) -> list[Terms]:
    """What subscriptions say, as Stripe describes them: the one to go by first."""
    known = [terms for data in found if (terms := read(data))]
    return sorted(known, key=lambda terms: (terms.status in IN_FORCE, terms.plan.tokens), reverse=True)


def terms_by_organization(organizations: Iterable[Organization]) -> dict[UUID, list[Terms]]:
    """Each organization's subscriptions that are not over, the one to go by first."""
    rows = running().filter(customer__subscriber__in=organizations).values_list("customer__subscriber", "stripe_data")
    found: dict[UUID, list[dict]] = {}
    for organization_id, data in rows:
        found.setdefault(organization_id, []).append(data)
    return {organization_id: ranked(each) for organization_id, each in found.items()}


def terms_of(organization: Organization) -> list[Terms]:
    """The organization's subscriptions that are not over, the one to go by first."""
    return terms_by_organization([organization]).get(organization.pk, [])


def read(data: dict) -> Terms | None:
    """A subscription as Stripe describes it. None if it sells no plan of the catalogue."""
    items = data.get("items", {}).get("data", [])
    for item in items:
        plan = plan_of_price(item["price"])
        if plan is None:
            continue
        return Terms(
            id=data["id"],
            customer_id=id_of(data["customer"]),
            plan=plan,
            price_id=item["price"]["id"],
            yearly=item["price"]["recurring"]["interval"] == "year",
            status=data["status"],
            anchor=moment_of(data["billing_cycle_anchor"]),
            period_starts_at=moment_of(item.get("current_period_start") or data["current_period_start"]),
            period_ends_at=moment_of(item.get("current_period_end") or data["current_period_end"]),
            trial_ends_at=moment_or_none(data.get("trial_end")),
            ends_at=moment_or_none(data.get("ended_at") or data.get("cancel_at")),
            unpaid_since=_unpaid_since(data, item),
            schedule_id=id_of(data.get("schedule")),
        )
    return None


def planned_change(schedule_id: str, moment: datetime) -> PlannedChange | None:
    """What the schedule with that id changes next after `moment`. None where it changes no plan of the catalogue."""
    if not schedule_id:
        return None
    stored = SubscriptionSchedule.objects.filter(id=schedule_id, stripe_data__status__in=["not_started", "active"])
    phases = stored.values_list("stripe_data__phases", flat=True).first() or []
    for phase in sorted(phases, key=lambda phase: phase["start_date"]):
        starts_at = moment_of(phase["start_date"])
        prices = Price.objects.filter(id__in=[id_of(item["price"]) for item in phase["items"]])
        for price in prices if starts_at > moment else ():
            if plan := plan_of_price(price.stripe_data):
                yearly = price.stripe_data["recurring"]["interval"] == "year"
                return PlannedChange(plan, yearly, starts_at, schedule_id)
    return None


def plan_of_price(price: dict) -> Plan | None:
    """The plan that a price sells: by its own metadata, or its product's."""
    key = (price.get("metadata") or {}).get(METADATA_KEY)
    if not key:
        stored = Price.objects.filter(id=price["id"]).select_related("product").first()
        key = ((stored and stored.product and stored.product.metadata) or {}).get(METADATA_KEY)
    return PLANS.get(key or "")


def _unpaid_since(data: dict, item: dict) -> datetime | None:
    """When the oldest invoice that is still unpaid was made."""
    if data["status"] not in (PAST_DUE, "unpaid"):
        return None
    made = [
        invoice["created"]
        for invoice in Invoice.objects.filter(
            customer__id=id_of(data["customer"]),
            stripe_data__status="open",
            stripe_data__parent__subscription_details__subscription=data["id"],
        ).values_list("stripe_data", flat=True)
    ]
    return moment_of(min(made) if made else item.get("current_period_start") or data["current_period_start"])
