"""A smaller plan deletes nothing: what is over can be read, and the Owner chooses what stays in use."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import plan_changes, read_only, seats
from billing.limits import Limit, LimitReached
from billing.models import PlanGrant
from billing.plans import FREE, PRO
from organizations.factories import MembershipFactory, UserFactory
from organizations.models import Role
from organizations.problems import Forbidden
from organizations.roles import Action, may


@pytest.fixture
def crowd(acme):
    """Six Members beside the Owner, in the order in which they came: two more than Free's seats take, and one."""
    return [
        MembershipFactory(organization=acme, user=UserFactory(first_name=f"Person {number}"), role=Role.MEMBER)
        for number in range(6)
    ]


def may_write(membership):
    return may(membership.user, Action.WRITE, organization=membership.organization)


def groups_of(membership):
    return {group.role_group.role for group in membership.user.groups.select_related("role_group")}


def test_those_who_came_first_keep_their_seats(acme, crowd):
    seats.refresh(acme)
    assert FREE.seats == 4
    assert [may_write(each) for each in crowd] == [True, True, True, False, False, False]
    assert all(may(each.user, Action.VIEW, organization=acme) for each in crowd)
    assert groups_of(crowd[0]) == {"member"}
    assert groups_of(crowd[5]) == {"viewer"}


def test_the_owner_chooses_who_stays_and_always_keeps_the_own_seat(acme, alice, crowd):
    chosen = [crowd[5], crowd[4]]
    read_only.keep(acme, Limit.SEATS, [str(each.pk) for each in chosen], user=alice)
    assert may(alice, Action.WRITE, organization=acme)
    assert [may_write(each) for each in crowd] == [True, False, False, False, True, True]
    with pytest.raises(LimitReached, match="You chose 7, and the plan has room for 4"):
        read_only.keep(acme, Limit.SEATS, [str(each.pk) for each in crowd], user=alice)


def test_a_larger_plan_gives_everybody_their_role_back_and_a_smaller_one_takes_it_again(acme, alice, crowd):
    grant = PlanGrant.objects.create(organization=acme, plan="pro", reason="Partner")
    plan_changes.note(acme)
    assert all(may_write(each) for each in crowd)
    assert groups_of(crowd[5]) == {"member"}
    grant.ends_at = timezone.now() + timedelta(microseconds=1)
    grant.save()
    plan_changes.note_all()
    assert sum(may_write(each) for each in crowd) == 3


def test_a_seat_that_somebody_leaves_goes_to_the_next(acme, crowd, django_capture_on_commit_callbacks):
    seats.refresh(acme)
    with django_capture_on_commit_callbacks(execute=True):
        crowd[0].delete()
    assert [may_write(each) for each in crowd[1:]] == [True, True, True, False, False]


def test_only_an_owner_chooses(acme, adam, crowd):
    with pytest.raises(Forbidden):
        read_only.keep(acme, Limit.SEATS, [], user=adam)


def test_what_fits_is_all_in_use(acme, bob):
    room = read_only.room_of(acme, Limit.SEATS)
    assert (room.used, room.over, room.read_only) == (2, 0, [])
    PlanGrant.objects.create(organization=acme, plan="team", reason="Partner")
    assert read_only.room_of(acme, Limit.SEATS).allowed is None


def test_one_organizations_crowd_takes_no_seat_from_another(acme, crowd, globex, charlie):
    seats.refresh(acme)
    assert may(charlie, Action.WRITE, organization=globex)
    assert PRO.seats > FREE.seats
