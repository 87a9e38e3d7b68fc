"""A role is looked up once by a request that only reads, and every time by one that writes."""

import pytest

from organizations.models import Membership, Role
from organizations.roles import remembering_roles, role_of

pytestmark = pytest.mark.django_db


def demote(person, organization):
    Membership.objects.filter(user=person, organization=organization).update(role=Role.VIEWER)


def test_a_reading_request_keeps_the_role_that_it_began_with(acme, bob, charlie, django_assert_num_queries):
    with remembering_roles():
        with django_assert_num_queries(2):
            assert [role_of(bob, acme) for _ in range(3)] == [Role.MEMBER] * 3
            assert [role_of(charlie, acme) for _ in range(3)] == [None] * 3
        demote(bob, acme)
        assert role_of(bob, acme) == Role.MEMBER
    assert role_of(bob, acme) == Role.VIEWER


def test_nothing_is_remembered_otherwise(acme, bob):
    assert role_of(bob, acme) == Role.MEMBER
    demote(bob, acme)
    assert role_of(bob, acme) == Role.VIEWER
