from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from organizations import deleting
from organizations.creating import MOST_A_DAY, create_organization
from organizations.groups import group_of
from organizations.models import BasePage, Organization, Role
from organizations.roles import (
    ACTIONS_OF_ROLE,
    COLLECTION_PERMISSIONS_OF_ACTION,
    PERMISSIONS_OF_ACTION,
    Action,
    may,
    page_permissions_of,
    permissions_of,
)
from organizations.signals import organization_created

pytestmark = pytest.mark.django_db


def test_the_founder_is_owner_and_only_member(acme, alice):
    assert [(each.user, each.role) for each in acme.memberships.all()] == [(alice, Role.OWNER)]


def test_the_organization_has_its_own_collection_workspace_and_review(acme):
    workspace = BasePage.objects.get(organization=acme)
    assert workspace.specific_class.__name__ == "Workspace"
    assert acme.collection.get_parent().is_root()
    workflow = workspace.get_workflow()
    assert workflow.tasks.get().specific.organization == acme


def test_each_group_holds_what_the_table_of_roles_says_on_the_own_workspace_only(acme, globex):
    for role in Role:
        group = group_of(acme, role)
        held = GroupPagePermission.objects.filter(group=group)
        assert {each.permission.codename for each in held} == page_permissions_of(role)
        assert {each.page.organization for each in held} <= {acme}
        collections = GroupCollectionPermission.objects.filter(group=group)
        assert {each.collection for each in collections} <= {acme.collection}


def test_every_permission_in_the_table_of_roles_exists():
    known = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }
    for table in (PERMISSIONS_OF_ACTION, COLLECTION_PERMISSIONS_OF_ACTION):
        assert set().union(*table.values()) <= known


def test_every_role_has_at_least_what_the_role_below_it_has():
    for higher, lower in ((Role.OWNER, Role.ADMIN), (Role.ADMIN, Role.MEMBER), (Role.MEMBER, Role.VIEWER)):
        assert ACTIONS_OF_ROLE[higher] > ACTIONS_OF_ROLE[lower]
        assert permissions_of(higher) >= permissions_of(lower)


def test_two_organizations_of_one_name_get_different_short_names(alice):
    first = create_organization(name="Twin", owner=alice)
    second = create_organization(name="Twin", owner=alice)
    assert (first.slug, second.slug) == ("twin", "twin-2")


def test_a_name_without_latin_letters_still_gets_a_short_name(alice):
    assert create_organization(name="東京", owner=alice).slug == "organization"


def test_nothing_remains_when_a_part_of_the_creation_fails(alice):
    def fail(**kwargs):
        raise RuntimeError("no room")

    organization_created.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            create_organization(name="Half", owner=alice)
    finally:
        organization_created.disconnect(fail)
    assert not Organization.objects.filter(name="Half").exists()
    assert not Collection.objects.filter(name="Half").exists()
    assert not Group.objects.filter(name__startswith="half").exists()


def test_an_unknown_time_zone_is_refused_with_a_sentence(alice):
    with pytest.raises(ValidationError, match="no known time zone"):
        create_organization(name="Lost", owner=alice, timezone="Mars/Base")


def test_a_person_is_in_the_group_of_their_role_and_no_other(acme, bob):
    membership = acme.memberships.get(user=bob)
    assert list(bob.groups.all()) == [group_of(acme, Role.MEMBER)]
    membership.role = Role.ADMIN
    membership.save()
    assert list(bob.groups.all()) == [group_of(acme, Role.ADMIN)]
    membership.delete()
    assert not bob.groups.exists()


def test_an_outsider_may_nothing(acme, charlie, globex):
    assert not any(may(charlie, action, organization=acme) for action in Action)
    assert may(charlie, Action.DELETE, organization=globex)


class TestAnother:
    """One person begins only so many organizations a day, by either door."""

    @pytest.fixture
    def many(self, alice, acme):
        for number in range(MOST_A_DAY - 1):
            create_organization(name=f"Acme {number}", owner=alice)

    def test_the_sixth_of_a_day_is_refused_and_says_when_it_can_be_begun(self, api_of, client, alice, many):
        answer = api_of(alice).post("/api/v1/organizations/", {"name": "One more"})
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (429, "too-many-organizations")
        assert 86_000 < int(answer["Retry-After"]) <= 86_400
        client.force_login(alice)
        page = client.post("/organizations/new/", {"name": "One more"}).content.decode()
        assert "Another can be begun in 24 hours" in page and "One more" in page
        assert not Organization.objects.filter(name="One more").exists()

    def test_the_day_after_it_is_begun(self, api_of, alice, many):
        Organization.objects.filter(name="Acme").update(created_at=timezone.now() - timedelta(days=1, seconds=1))
        assert api_of(alice).post("/api/v1/organizations/", {"name": "One more"}).status_code == 201

    def test_deleting_makes_no_room_and_other_people_are_not_held_up(self, api_of, alice, bob, acme, many):
        deleting.delete_organization(acme, name="Acme", user=alice)
        assert api_of(alice).post("/api/v1/organizations/", {"name": "One more"}).status_code == 429
        assert api_of(bob).post("/api/v1/organizations/", {"name": "Bob's"}).status_code == 201
