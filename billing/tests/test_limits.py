"""Seats, channels and scheduled posts stop at the plan's limit, with a sentence that says what to do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.entitlements import Source, plan_of, standing_of
from billing.limits import Limit, LimitReached, limit_of, require_room
from billing.models import PlanGrant
from billing.plans import FREE, PRO, TEAM


def grant(organization, plan, **kwargs):
    return PlanGrant.objects.create(organization=organization, plan=plan.key, reason="Partner", **kwargs)


def test_without_anything_else_an_organization_is_on_free(acme):
    assert plan_of(acme) == FREE
    assert standing_of(acme).source == Source.FREE


def test_a_granted_plan_holds_from_its_start_to_its_end(acme):
    now = timezone.now()
    grant(acme, PRO, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1))
    assert plan_of(acme) == PRO
    assert standing_of(acme).source == Source.GRANT
    assert standing_of(acme, at=now - timedelta(days=2)).plan == FREE
    assert standing_of(acme, at=now + timedelta(days=2)).plan == FREE


def test_a_grant_without_an_end_holds_on(acme):
    grant(acme, TEAM)
    assert standing_of(acme, at=timezone.now() + timedelta(days=3650)).plan == TEAM


def test_a_grant_is_for_one_organization(acme, globex):
    grant(acme, TEAM)
    assert plan_of(globex) == FREE


def test_there_is_room_up_to_the_limit_and_not_beyond(acme):
    require_room(acme, Limit.CHANNELS, used=FREE.channels - 1)
    with pytest.raises(LimitReached) as refusal:
        require_room(acme, Limit.CHANNELS, used=FREE.channels)
    assert refusal.value.detail == (
        f"The Free plan has room for {FREE.channels} channels, and {FREE.channels} are connected. "
        "Disconnect one, or ask an Owner to choose a larger plan under Plan & usage."
    )
    assert (refusal.value.status, refusal.value.slug) == (402, "limit-reached")


def test_several_at_once_need_room_for_all(acme):
    with pytest.raises(LimitReached):
        require_room(acme, Limit.SCHEDULED_POSTS, used=FREE.scheduled_posts - 2, adding=3)


@pytest.mark.parametrize("limit", list(Limit))
def test_every_limit_has_a_sentence(acme, limit):
    with pytest.raises(LimitReached, match="The Free plan has room for"):
        require_room(acme, limit, used=10_000)


def test_no_limit_means_as_many_as_wanted(acme):
    grant(acme, TEAM)
    assert limit_of(acme, Limit.SEATS) is None
    require_room(acme, Limit.SEATS, used=100_000)
