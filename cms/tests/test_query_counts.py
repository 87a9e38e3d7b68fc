"""Every page takes as many statements for thirty posts as for three.

The addresses are read from the URL resolver and the rows are those of
`worlds`, so that a new list is covered the day it is added: it only has to be
filled there, as the crawl for holes in the wall wants it anyway.
"""

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from billing.models import PlanGrant, RateBucket
from content_studio.drafting import create_draft, segment
from content_studio.models import Workspace
from organizations.access import working_for
from organizations.factories import MembershipFactory, OrganizationFactory, UserFactory
from organizations.models import Role

from . import worlds
from .test_isolation import ADDRESSES, filled

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9"
# Lists below one of the organization's own things, besides all those that need no id.
BELOW = (
    "admin/channels/%(pk)s/",
    "admin/channels/%(pk)s/timeline/",
    "admin/deliveries/%(pk)s/",
    "admin/pages/%(parent_page_id)s/",
    "admin/pages/%(page_id)s/edit/",
    "admin/pages/%(page_id)s/history/",
    "admin/pages/%(page_id)s/workflow_history/",
    "admin/pages/%(page_id)s/usage/",
    "admin/posts/%(pk)s/",
    "admin/posts/%(pk)s/schedule/",
    "admin/review/%(pk)s/",
    "admin/workflows/usage/%(pk)s/",
    "api/v1/posts/%(id)s/",
    "api/v1/posts/%(id)s/revisions/",
    "api/v1/channels/%(id)s/",
    "api/v1/deliveries/%(id)s/",
)
NO_PAGES = ("admin/failwhale/", "admin/login/", "admin/logout/", "admin/test404/")
LISTS = [
    (text, names)
    for text, names in ADDRESSES
    if text not in NO_PAGES
    and text.startswith(("admin/", "api/v1/"))
    and (not names or text in BELOW or (len(names) == 1 and "api/v1" in text))
]
# Wagtail's own code asks some things anew for each row; its pages end after twenty or fifty.
WAGTAILS = {
    "admin/api/main/pages/",
    "admin/reports/locked/",
    "admin/reports/locked/results/",
    "admin/reports/workflow/",
    "admin/reports/workflow/results/",
}


@pytest.fixture(scope="module")
def counts(django_db_setup, django_db_blocker):
    """Statements by address, once with three posts and one of everything else, once with ten times as many."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = worlds.build("Acme", domain="acme.test", first=worlds.align_numbers())
        PlanGrant.objects.create(organization=world.organization, plan="team", reason="tests")
        few = _visit(world, {text: filled(text, names, world) for text, names in LISTS})
        with working_for(world.organization):
            for number in range(9):
                worlds._fill(world.organization, world.people, f"Acme{number}")
                MembershipFactory(organization=world.organization, user=UserFactory(), role=Role.MEMBER)
        many = _visit(world, {text: [address] for text, (address, _count) in few.items()})
        yield tuple({text: count for text, (_address, count) in found.items()} for found in (few, many))
        transaction.set_rollback(True)


def _visit(world, addresses) -> dict[str, tuple[str, int]]:
    """The first address of each kind that answers, and how many statements it takes once everything is warm."""
    cache.clear()
    owner = world.people["owner"]
    owner.set_password(PASSWORD)
    owner.save()
    studio, api = Client(), APIClient()
    studio.force_login(owner)
    token = api.post("/api/v1/auth/token/", {"email": owner.email, "password": PASSWORD}, format="json").json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token['access']}")
    found = {}
    for text, possible in addresses.items():
        client = api if text.startswith("api/") else studio
        RateBucket.objects.all().delete()
        for address in possible:
            if client.get(address).status_code != 200:
                continue
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            found[text] = address, len(captured)
            break
    return found


@pytest.mark.parametrize("text", [text for text, _names in LISTS if text not in WAGTAILS])
def test_more_rows_take_no_more_statements(counts, text):
    few, many = counts
    if text not in few:
        pytest.skip("answers an Owner's GET with nothing")
    assert many[text] <= few[text], f"{few[text]} statements with three posts, {many[text]} with thirty"


@pytest.mark.parametrize("text", ["admin/posts/", "admin/deliveries/", "api/v1/posts/", "api/v1/deliveries/"])
def test_the_lists_are_among_them(counts, text):
    few, many = counts
    assert text in few and text in many


# Two hundred people at once open these; each statement costs the machine a millisecond.
OPENED_MOST = {"admin/": 30, "admin/posts/": 22, "admin/posts/%(pk)s/": 36}


@pytest.mark.parametrize("text", OPENED_MOST)
def test_what_is_opened_most_takes_few_statements(counts, text):
    few, _many = counts
    assert few[text] <= OPENED_MOST[text]


# What one's own other organizations and other people's could make dearer: the switcher, the log, whatever forgets to
# ask for its own organization alone.
PAGES = ("/admin/", "explorer", "/admin/team/", "/admin/posts/", "/admin/organization/log/", "/api/v1/me/")


def test_more_organizations_take_no_more_statements(client, api_of, alice, acme):
    """Somebody's own and other people's, each with posts and people."""
    api, client = api_of(alice), _signed_in(client, alice)
    _begin_others(alice, numbers=range(1))  # the switcher is there
    explorer = reverse("wagtailadmin_explore", args=[Workspace.objects.get(organization=acme).pk])
    few = _statements(client, api, explorer)
    _begin_others(alice, numbers=range(1, 9))
    _begin_others(UserFactory(), numbers=range(9, 12))
    switcher = client.get("/admin/").content.decode()
    assert "Other 8" in switcher and "Other 9" not in switcher
    assert _statements(client, api, explorer) == few


def _signed_in(client, person):
    client.force_login(person)
    return client


def _begin_others(owner, *, numbers) -> None:
    for number in numbers:
        other = OrganizationFactory(name=f"Other {number}", owner=owner)
        MembershipFactory(organization=other, user=UserFactory(), role=Role.MEMBER)
        for count in range(3):
            create_draft(organization=other, user=owner, segments=[segment(f"{number}, {count}")])


def _statements(client, api, explorer) -> dict[str, int]:
    found = {}
    for address in (explorer if page == "explorer" else page for page in PAGES):
        asked = api if address.startswith("/api/") else client
        assert asked.get(address).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            asked.get(address)
        found[address] = len(captured)
    return found
