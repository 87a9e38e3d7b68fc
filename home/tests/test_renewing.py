"""A newer version renews the pages that nobody has touched, and no others."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import PageLogEntry

from home.first_content.making import make_site
from organizations.factories import UserFactory

from .conftest import page_at

pytestmark = pytest.mark.django_db


def as_an_older_version_made_it(path: str, **said):
    """The page at `path`, as if its first words had been others."""
    page = page_at(path)
    type(page).objects.filter(pk=page.pk).update(**{"summary": "Older words.", **said})
    return type(page).objects.get(pk=page.pk)


def update(*options) -> str:
    said = StringIO()
    call_command("site_content", "--update", *options, stdout=said)
    return said.getvalue()


def test_what_the_product_made_is_already_as_it_should_be(home):
    outcome = make_site(renew=True)
    assert (outcome.made, outcome.renewed, outcome.left) == ([], [], [])
    assert outcome.same > 35


def test_untouched_pages_are_renewed_and_keep_what_they_said(home):
    today = {path: page_at(path) for path in ("about", "pricing", "blog/unknown-outcome", "docs/api/first-request")}
    for path in today:
        as_an_older_version_made_it(path)
    as_an_older_version_made_it("about", body=[("text", "<p>Older body.</p>")])
    said = update()
    assert "0 pages made, 4 renewed" in said and "0 left" in said
    for path, was in today.items():
        page = page_at(path)
        assert (page.summary, page.live, page.has_unpublished_changes) == (was.summary, True, False)
        before, now = page.revisions.order_by("pk")
        assert before.as_object().summary == "Older words."
        assert now == page.live_revision == page.latest_revision
    assert "Older body." not in Client().get("/about/").content.decode()
    assert page_at("blog/unknown-outcome").categories.get().name == "Publishing"
    assert "0 renewed" in update(), "and once is enough"


def test_a_page_that_was_renewed_once_is_renewed_again(home):
    for _ in range(2):
        as_an_older_version_made_it("about")
        assert "1 renewed" in update()
    assert PageLogEntry.objects.filter(page=page_at("about").pk, action="home.renew").count() == 2


def test_what_somebody_has_touched_stays_as_it_is(home):
    mia = UserFactory(first_name="Mia", last_name="", email="mia@example.test")
    ours = as_an_older_version_made_it("about")
    ours.title = "All about us"
    ours.save_revision(user=mia).publish()
    draft = as_an_older_version_made_it("pricing")
    draft.title = "Not out yet"
    draft.save_revision(user=mia)
    as_an_older_version_made_it("security").unpublish()
    as_an_older_version_made_it("contact", locked=True, locked_by=mia)
    renewed = as_an_older_version_made_it("legal/terms")
    update()
    page_at("legal/terms").save_revision(user=mia)
    as_an_older_version_made_it("legal/terms", summary="Older still.")

    said = update()
    assert "0 renewed" in said and "5 left" in said
    for path, why in (
        ("about", "edited by"),
        ("pricing", "edited by"),
        ("legal/terms", "edited by"),
        ("security", "taken off the site"),
        ("contact", "locked by"),
    ):
        assert f"Left, {why}" in next(line for line in said.splitlines() if line.endswith(f"/{path}/")), path
    assert page_at("about").title == "All about us"
    assert type(draft).objects.get(pk=draft.pk).summary == "Older words."
    assert type(renewed).objects.get(pk=renewed.pk).summary == "Older still."


def test_a_dry_run_says_what_would_be_done_and_does_nothing(home):
    page = as_an_older_version_made_it("about")
    home.get_children().get(slug="security").delete()
    said = update("--dry-run")
    assert "1 pages made, 1 renewed" in said and "nothing was" in said
    assert page_at("about").summary == "Older words."
    assert page.revisions.count() == 0
    assert not home.get_children().filter(slug="security").exists()


def test_without_being_asked_no_page_changes(home):
    as_an_older_version_made_it("about")
    assert make_site().renewed == []
    assert page_at("about").summary == "Older words."


def test_the_history_of_a_renewed_page_says_so(home, admin_client):
    page = as_an_older_version_made_it("about")
    update()
    history = admin_client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()
    assert "Brought up to the words that this version comes with" in history
