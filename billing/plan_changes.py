"""Notices that an organization's plan became another, and tells whom it concerns."""

from django.db import transaction
from wagtail.log_actions import log

from organizations.models import Organization
from organizations.walls import outside_walls

from . import mails, seats
from .entitlements import standing_of
from .models import PlanChange
from .plans import FREE, PLANS


def note(organization: Organization) -> PlanChange | None:
    """Compares the plan with the one last noticed; what changed, if anything did. Safe to call at any time."""
    with outside_walls(organization), transaction.atomic():
        locked = Organization.objects.select_for_update(of=("self",), no_key=True).filter(pk=organization.pk).first()
        if locked is None:
            return None
        seats.refresh(organization)
        last = PlanChange.objects.filter(organization=organization).first()
        before = PLANS.get(last.after, FREE) if last else FREE
        standing = standing_of(organization)
        if standing.plan == before:
            return None
        change = PlanChange.objects.create(
            organization=organization, before=before.key, after=standing.plan.key, source=standing.source
        )
        log(
            instance=organization,
            action="billing.plan_changed",
            data={"before": before.name, "after": standing.plan.name, "source": str(standing.source)},
        )
        mails.plan_changed(organization, before, standing)
        return change


def note_all() -> int:
    """Looks at everybody whose plan may have changed with time alone. Returns how many did."""
    candidates = Organization.objects.filter(plan_changes__isnull=False) | Organization.objects.filter(
        plan_grants__isnull=False
    )
    return sum(note(organization) is not None for organization in candidates.distinct())
