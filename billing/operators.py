"""What those who run the installation see: revenue, customers, churn, failed payments, usage against limits."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext_lazy
from djstripe.models import Invoice, Subscription

from organizations.models import Organization
from organizations.studio import OperatorsPage

from . import read_only
from .entitlements import Source, standings_of
from .models import UsagePeriod
from .plans import PLANS, Plan
from .subscriptions import IN_FORCE, PAST_DUE, id_of, read

CHURN_DAYS = 30


@dataclass
class PlanRevenue:
    """One plan's paying customers, and what they pay a month, before tax (a year counts a twelfth)."""

    plan: Plan
    monthly: int = 0
    yearly: int = 0
    trialing: int = 0
    past_due: int = 0
    monthly_cents: float = 0

    @property
    def customers(self) -> int:
        return self.monthly + self.yearly


@dataclass(frozen=True)
class Churn:
    """How many of the customers of thirty days ago have left since."""

    lost: int
    were: int

    @property
    def percent(self) -> float | None:
        return round(self.lost * 100 / self.were, 1) if self.were else None


def revenue_by_plan() -> list[PlanRevenue]:
    """From dj-stripe's copy of the subscriptions that are not over."""
    found = {plan.key: PlanRevenue(plan) for plan in PLANS.values() if plan.monthly_cents}
    newest_invoice = Invoice.objects.filter(id=OuterRef("invoice_id")).values("stripe_data__lines__data")
    running = Subscription.objects.filter(stripe_data__status__in=[*IN_FORCE, PAST_DUE]).annotate(
        invoice_id=KT("stripe_data__latest_invoice"), charged=Subquery(newest_invoice[:1])
    )
    for data, lines in running.values_list("stripe_data", "charged").iterator():
        terms = read(data)
        if terms is None or terms.plan.key not in found:
            continue
        entry = found[terms.plan.key]
        if terms.status == "trialing":
            entry.trialing += 1
            continue
        if terms.status == PAST_DUE:
            entry.past_due += 1
        entry.yearly += terms.yearly
        entry.monthly += not terms.yearly
        entry.monthly_cents += _pays(data, terms.price_id, lines or []) / (12 if terms.yearly else 1)
    return list(found.values())


def _pays(data: dict, price_id: str, lines: list[dict]) -> float:
    """Cents that a subscription pays for its plan in each period: its own price, less what a coupon takes off.

    `lines` are its newest invoice's. A price that the catalogue no longer has is
    still what its subscribers pay, and a coupon that is used up is on no new invoice.
    """
    item = next(item for item in data["items"]["data"] if item["price"]["id"] == price_id)
    cents = item["price"]["unit_amount"] * (item.get("quantity") or 1)
    for line in lines:
        details = (line.get("pricing") or {}).get("price_details") or {}
        if id_of(details.get("price")) == price_id and line["amount"] > 0:
            off = sum(each["amount"] for each in line.get("discount_amounts") or [])
            return cents * (1 - off / line["amount"])
    return cents


def churn(moment: datetime) -> Churn:
    """Counted from the dates on the subscriptions; somebody who only changed plans has not left."""
    since = (moment - timedelta(days=CHURN_DAYS)).timestamp()
    lived: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    rows = Subscription.objects.exclude(stripe_data__status__in=["incomplete", "incomplete_expired"])
    for data in rows.values_list("stripe_data", flat=True).iterator():
        lived[id_of(data["customer"])].append((data["start_date"], data.get("ended_at")))
    were = {
        customer
        for customer, spans in lived.items()
        if any(start <= since and (end is None or end > since) for start, end in spans)
    }
    gone = {customer for customer in were if all(end is not None for _start, end in lived[customer])}
    return Churn(len(gone), len(were))


def failed_payments() -> list[dict]:
    """Invoices that were tried and are still open, the oldest first."""
    found = (
        Invoice.objects.filter(stripe_data__status="open", stripe_data__attempted=True)
        .select_related("customer__subscriber")
        .order_by("created")[:100]
    )
    return [
        {
            "organization": each.customer.subscriber,
            "customer": each.customer.id,
            "number": each.stripe_data.get("number"),
            "amount_cents": each.stripe_data["amount_remaining"],
            "currency": each.stripe_data["currency"].upper(),
            "attempts": each.stripe_data["attempt_count"],
            "since": datetime.fromtimestamp(each.stripe_data["created"], UTC),
            "next": (
                datetime.fromtimestamp(each.stripe_data["next_payment_attempt"], UTC)
                if each.stripe_data.get("next_payment_attempt")
                else None
            ),
            "url": each.stripe_data.get("hosted_invoice_url"),
        }
        for each in found
    ]


def usage_of(organizations: list[Organization]) -> list[dict]:
    """How each organization stands against its plan's limits, in the given order."""
    standings = standings_of(organizations)
    counts = read_only.counts_of(organizations)
    counters = {
        (period.organization_id, period.subscription_id, period.starts_at): period
        for period in UsagePeriod.objects.filter(organization__in=organizations, ends_at__gt=timezone.now())
    }
    rows = []
    for organization in organizations:
        standing = standings[organization.pk]
        window = standing.window
        period = counters.get((organization.pk, window.subscription_id, window.starts_at))
        used = period.used if period else 0
        rows.append(
            {
                "organization": organization,
                "standing": standing,
                "granted": standing.source == Source.GRANT,
                "used": used,
                "limit": standing.plan.tokens,
                "percent": used * 100 // standing.plan.tokens,
                "ends_at": window.ends_at,
                "rooms": [
                    read_only.Room(limit, getattr(standing.plan, limit.value), counted=found.get(organization.pk, 0))
                    for limit, found in counts.items()
                ],
            }
        )
    return rows


class OperatorsView(OperatorsPage):
    """One page for superusers."""

    template_name = "billing/operators.html"
    page_title = gettext_lazy("Revenue & usage")
    header_icon = "table"

    def get_context_data(self, **kwargs):
        revenue = revenue_by_plan()
        sought = self.request.GET.get("q", "").strip()
        page = Paginator(self.by_use(sought), 50).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            revenue=revenue,
            monthly_cents=sum(entry.monthly_cents for entry in revenue),
            customers=sum(entry.customers for entry in revenue),
            trialing=sum(entry.trialing for entry in revenue),
            organizations=Organization.objects.count(),
            churn=churn(timezone.now()),
            churn_days=CHURN_DAYS,
            failed=failed_payments(),
            sought=sought,
            page=page,
            rows=usage_of(list(page.object_list)),
            **kwargs,
        )

    @staticmethod
    def by_use(sought: str):
        """Organizations, those that use most now first; only those whose name has `sought` in it."""
        now = timezone.now()
        current = Q(usage_periods__starts_at__lte=now, usage_periods__ends_at__gt=now)
        return (
            Organization.objects.filter(name__icontains=sought)
            .annotate(used_now=Max("usage_periods__used", filter=current))
            .order_by(F("used_now").desc(nulls_last=True), "name")
        )
