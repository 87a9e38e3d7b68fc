"""Which plan an organization is on, and since when and until when that holds.

A Stripe subscription that is in force goes first, then a plan granted by an
operator, then Free. The subscription's state is read from dj-stripe's copy of
Stripe's own object (`stripe_data`), never kept a second time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from organizations.models import Organization

from .models import PlanGrant
from .periods import Window, calendar_month
from .plans import FREE, PLANS, Plan
from .subscriptions import Terms, ranked, terms_by_organization


class Source(StrEnum):
    """What puts an organization on its plan."""

    SUBSCRIPTION = "subscription"
    GRANT = "grant"
    FREE = "free"


@dataclass(frozen=True)
class Standing:
    """An organization's plan at one moment, and the period that its tokens are counted in."""

    plan: Plan
    source: Source
    window: Window
    subscription_id: str = ""
    status: str = ""  # Stripe's word for the subscription's state
    yearly: bool = False
    trial_ends_at: datetime | None = None
    renews_at: datetime | None = None  # when Stripe asks for money next
    ends_at: datetime | None = None  # when a cancelled subscription or a grant runs out
    unpaid_since: datetime | None = None
    grace_ends_at: datetime | None = None
    schedule_id: str = ""  # what `subscriptions.planned_change` reads

    @property
    def in_grace(self) -> bool:
        """A payment failed, and the plan still holds."""
        return self.grace_ends_at is not None and self.source == Source.SUBSCRIPTION


def plan_of(organization: Organization) -> Plan:
    """The plan whose limits hold for the organization now."""
    return standing_of(organization).plan


def standing_of(organization: Organization, *, at: datetime | None = None) -> Standing:
    """How the organization stands at a moment (now, by default)."""
    return standings_of([organization], at=at)[organization.pk]


def standings_of(organizations: Iterable[Organization], *, at: datetime | None = None) -> dict[UUID, Standing]:
    """How each organization stands at a moment, by its id, in two queries (and one for each unpaid subscription)."""
    moment = at or timezone.now()
    organizations = list(organizations)
    terms = terms_by_organization(organizations)
    grants: dict[UUID, PlanGrant] = {}
    for grant in PlanGrant.objects.filter(organization__in=organizations).in_force(moment):
        best = grants.get(grant.organization_id)
        if grant.plan in PLANS and (best is None or PLANS[grant.plan].tokens > PLANS[best.plan].tokens):
            grants[grant.organization_id] = grant
    return {each.pk: _standing(terms.get(each.pk, []), grants.get(each.pk), moment) for each in organizations}


def standing_from(
    subscriptions: Iterable[dict], grants: Iterable[tuple[str, datetime | None]], moment: datetime
) -> Standing:
    """How somebody stands by their subscriptions as Stripe describes them, and grants in force: (plan, until when)."""
    known = [PlanGrant(plan=plan, ends_at=ends_at) for plan, ends_at in grants if plan in PLANS]
    best = max(known, key=lambda grant: PLANS[grant.plan].tokens, default=None)
    return _standing(ranked(subscriptions), best, moment)


def _standing(subscriptions: list[Terms], grant: PlanGrant | None, moment: datetime) -> Standing:
    for terms in subscriptions:
        if terms.holds_at(moment):
            return _paid(terms, moment)
    month = calendar_month(moment)
    if grant:
        return Standing(PLANS[grant.plan], Source.GRANT, month, ends_at=grant.ends_at)
    for terms in subscriptions:
        if terms.unpaid_since:
            return Standing(
                FREE,
                Source.FREE,
                month,
                subscription_id=terms.id,
                status=terms.status,
                unpaid_since=terms.unpaid_since,
                grace_ends_at=terms.grace_ends_at,
            )
    return Standing(FREE, Source.FREE, month)


def _paid(terms: Terms, moment: datetime) -> Standing:
    return Standing(
        terms.plan,
        Source.SUBSCRIPTION,
        terms.window_at(moment),
        subscription_id=terms.id,
        status=terms.status,
        yearly=terms.yearly,
        trial_ends_at=terms.trial_ends_at if terms.status == "trialing" else None,
        renews_at=None if terms.ends_at else terms.period_ends_at,
        ends_at=terms.ends_at,
        unpaid_since=terms.unpaid_since,
        grace_ends_at=terms.grace_ends_at,
        schedule_id=terms.schedule_id,
    )
