# ruff: noqa: F811  a fixture is named where it is used
"""An editor of the public site comes to a desk that says what waits, and to a menu of what they can do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Workflow

from home.models import ContactMessage
from home.tests.conftest import _made, home, page_at  # noqa: F401
from organizations.factories import PASSWORD, UserFactory
from organizations.site_editors import make_group

from .test_menu import menu_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(home):
    mia = UserFactory(email="mia@example.test", first_name="Mia", last_name="Lund")
    mia.groups.add(make_group())
    return mia


@pytest.fixture
def editor(mia):
    client = Client()
    assert client.login(email=mia.email, password=PASSWORD)
    return client


def test_the_desk_says_what_waits_and_for_whom(editor, mia, home):
    empty = editor.get("/admin/").content.decode()
    assert "Nothing waits for a review." in empty and "All pages are as they came with the product." in empty
    assert f"/admin/pages/add/home/landingpage/{home.pk}/" in empty

    reviewed, drafted, later = page_at("about"), page_at("security"), page_at("pricing")
    reviewed.save_revision(user=mia)
    Workflow.objects.get(name="Review of the public site").start(reviewed, mia)
    drafted.title = "Security, anew"
    drafted.save_revision(user=mia)
    later.save_revision(user=mia, approved_go_live_at=timezone.now() + timedelta(days=2))
    page_at("legal/terms").save_revision(user=UserFactory(first_name="Ben"))
    ContactMessage.objects.create(name="Vic", email="vic@example.test", text="Do you have a free plan?")
    ContactMessage.objects.create(name="Al", email="al@example.test", text="Thanks!", answered_at=timezone.now())

    context = editor.get("/admin/").content.decode().split('class="st-home"')[1]
    part = {name: context.split(f'id="desk-{name}"')[1].split("</section>")[0] for name in PARTS}
    assert "About" in part["review"] and "Mia Lund" in part["review"]
    assert "Security, anew" in part["drafts"] and "Terms" not in part["drafts"]
    assert "Vic" in part["messages"] and "Al" not in part["messages"].replace("All", "")
    assert "Terms" in part["changed"]
    assert "Pricing" in part["scheduled"]


PARTS = ("review", "drafts", "messages", "changed", "scheduled")


def test_the_desk_costs_the_same_however_much_waits(editor, mia, home):
    workflow = Workflow.objects.get(name="Review of the public site")

    def wait(*paths):
        for path in paths:
            page = page_at(path)
            page.save_revision(user=mia)
            workflow.start(page, mia)
            ContactMessage.objects.create(name=path, email="vic@example.test", text="Hello")

    wait("about")
    editor.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        editor.get("/admin/")
    wait("security", "pricing", "legal/terms", "legal/privacy")
    with CaptureQueriesContext(connection) as many:
        editor.get("/admin/")
    assert len(many) == len(few)


def test_the_menu_offers_nothing_that_only_an_organization_has(client, mia):
    menu = menu_of(client, mia)

    assert not {"posts", "calendar", "queue", "compose", "channels-and-deliveries"} & menu.keys()
    assert {"home", "explorer", "media-and-library", "site-content"} <= menu.keys()
