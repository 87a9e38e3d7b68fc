# ruff: noqa: F811  a fixture is named where it is used
"""Editors of the public site do all of their work on it, and see nothing of any organization."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, GroupPagePermission, Task, Workflow, WorkflowState
from wagtail.test.utils.form_data import nested_form_data, streamfield

from home.editing import let_editors_edit
from home.models import Author, BlogPage, ContactMessage
from home.tasks import publish_what_is_due
from home.tests.conftest import _made, home, page_at  # noqa: F401
from organizations.factories import PASSWORD, MembershipFactory, UserFactory
from organizations.models import BasePage, LibraryDocument, LibraryImage, Organization, Role, User
from organizations.site_editors import COLLECTION, GROUP, make_group
from organizations.walls import behind_wall_of, behind_wall_of_site, standing

from . import worlds

pytestmark = pytest.mark.django_db


def edits_site(person):
    person.groups.add(make_group())
    return person


@pytest.fixture
def mia(home):
    """Of the marketing team, in no organization."""
    return edits_site(UserFactory(email="mia@example.test", first_name="Mia"))


def signed_in(person) -> Client:
    client = Client()
    assert client.login(email=person.email, password=PASSWORD)
    return client


@pytest.fixture
def editor(mia):
    return signed_in(mia)


def form_of(page, **said) -> dict:
    data = {
        "title": page.title,
        "slug": page.slug,
        "summary": page.summary,
        "author": page.author_id,
        "date": page.date.isoformat(),
        "body": streamfield([("text", '{"blocks": [{"key": "a", "type": "unstyled", "text": "Said anew."}]}')]),
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
    }
    return nested_form_data(data | said)


@pytest.fixture
def article(home):
    return BlogPage.objects.first()


def edit(page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def test_an_editor_writes_and_publishes_an_article(editor, article):
    answer = editor.post(edit(article), form_of(article, title="A new word", **{"action-publish": "1"}))
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert BlogPage.objects.get(pk=article.pk).title == "A new word"
    assert "A new word" in Client().get(article.url).content.decode()
    history = editor.get(reverse("wagtailadmin_pages:history", args=[article.pk])).content.decode()
    assert "Mia" in history


def test_an_editor_adds_an_article(editor, home):
    index = page_at("blog")
    author = Author.objects.first()
    page = BlogPage(title="Brand new", slug="brand-new", summary="It is new.", author=author, date=timezone.localdate())
    address = reverse("wagtailadmin_pages:add", args=["home", "blogpage", index.pk])
    assert editor.get(address).status_code == 200
    answer = editor.post(address, form_of(page, **{"action-publish": "1"}))
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert Client().get("/blog/brand-new/").status_code == 200


def test_an_editor_previews_what_is_not_saved(editor, article):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    assert editor.post(address, form_of(article, title="Only tried")).json()["is_valid"] is True
    assert "Only tried" in editor.get(address).content.decode()
    assert "Only tried" not in Client().get(article.url).content.decode()


def test_an_editor_schedules_and_the_worker_publishes(editor, article):
    at = timezone.localtime() + timedelta(hours=1)
    said = {"title": "Later", "go_live_at": at.strftime("%Y-%m-%d %H:%M"), "action-publish": "1"}
    assert editor.post(edit(article), form_of(article, **said)).status_code == 302
    article.refresh_from_db()
    assert article.scheduled_revision is not None
    article.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=timezone.now())
    publish_what_is_due()
    assert BlogPage.objects.get(pk=article.pk).title == "Later"


def test_an_editor_submits_and_another_approves(editor, article):
    ben = edits_site(UserFactory(first_name="Ben"))
    assert editor.post(edit(article), form_of(article, title="Reviewed", **{"action-submit": "1"})).status_code == 302
    task_state = WorkflowState.objects.get(object_id=str(article.pk)).current_task_state
    answer = signed_in(ben).post(
        reverse("wagtailadmin_pages:workflow_action", args=[article.pk, "approve", task_state.pk]), {"comment": "Good."}
    )
    assert answer.status_code == 302
    assert BlogPage.objects.get(pk=article.pk).title == "Reviewed"


def test_an_editor_adds_pictures_to_the_sites_collection(editor, home):
    place = Collection.objects.get(name=COLLECTION)
    picture = SimpleUploadedFile("team.png", get_test_image_file().file.getvalue(), content_type="image/png")
    answer = editor.post(reverse("wagtailimages:add"), {"title": "Our team", "file": picture, "collection": place.pk})
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert LibraryImage.objects.get(title="Our team").organization is None


def test_an_editor_finds_their_tools_and_reads_messages(editor, home):
    ContactMessage.objects.create(name="Vic", email="vic@example.test", text="Do you have a free plan?")
    page = editor.get(reverse("wagtailadmin_home")).content.decode()
    for tool in ("Public site", "Pages", "Pictures", "Documents", "Redirects"):
        assert tool in page
    for tool in (reverse("compose"), reverse("team"), reverse("wagtailusers_users:index")):
        assert f'"{tool}"' not in page
    viewset = ContactMessage.snippet_viewset
    assert "free plan" in editor.get(reverse(viewset.get_url_name("list"))).content.decode()
    assert editor.get(reverse(viewset.get_url_name("add"))).status_code == 302


LOOKED_AT = [
    "/admin/",
    "/admin/pages/",
    "/admin/images/",
    "/admin/images/chooser/",
    "/admin/documents/",
    "/admin/documents/chooser/",
    "/admin/choose-page/",
    "/admin/choose-page/search/?q={mark}",
    "/admin/pages/search/?q={mark}",
    "/admin/reports/site-history/",
    "/admin/reports/locked/",
    "/admin/reports/workflow/",
    "/admin/reports/aging-pages/",
    "/admin/tag-autocomplete/?term={mark}",
    "/admin/posts/",
    "/admin/calendar/",
    "/admin/compose/",
    "/admin/channels/",
    "/admin/team/",
    "/admin/organization/log/",
    "/admin/users/",
    "/admin/groups/",
    "/admin/workflows/list/",
    "/admin/collections/",
    "/admin/redirects/",
    "/admin/pages/{post}/edit/",
    "/admin/pages/{post}/history/",
    "/admin/pages/{workspace}/",
    "/admin/images/{image}/",
    "/admin/documents/edit/{document}/",
    "/admin/posts/{post}/",
]


def test_an_editor_sees_nothing_of_any_organization(editor, mia):
    world = worlds.build(worlds.MARK, domain="marked.test")
    workspace, *posts = BasePage.objects.filter(organization=world.organization).order_by("path")
    named = {
        "mark": worlds.MARK,
        "post": posts[0].pk,
        "workspace": workspace.pk,
        "image": LibraryImage.objects.get(organization=world.organization).pk,
        "document": LibraryDocument.objects.get(organization=world.organization).pk,
    }
    for address in LOOKED_AT:
        path = address.format(**named)
        answer = editor.get(path)
        assert answer.status_code in (200, 302, 403, 404), path
        found = answer.content.decode()
        if "{mark}" in address:  # which is said back
            for said in (f"q={worlds.MARK}", f'value="{worlds.MARK}"', f"<em>{worlds.MARK}</em>"):
                found = found.replace(said, "")
        assert worlds.MARK not in found, path
        if "{post}" in address or "{image}" in address or "{workspace}" in address:
            assert answer.status_code in (302, 403, 404), path
    with standing(behind_wall_of_site(user=mia)):
        assert set(BasePage.objects.values_list("organization", flat=True)) == {None}
        assert not Organization.objects.exists()
        assert not LibraryImage.objects.exclude(organization=None).exists()
        assert {user.email for user in User.objects.filter(is_superuser=False)} == {mia.email}
        assert [group.name for group in Group.objects.all()] == [GROUP]
        assert "Review of the public site" in Workflow.objects.values_list("name", flat=True)
        assert not any(worlds.MARK in each.name for each in [*Workflow.objects.all(), *Task.objects.all()])
        assert BasePage.objects.filter(organization=world.organization).update(title="Taken") == 0


def test_an_owner_of_an_organization_still_cannot_write_there(home, article, alice, acme):
    with standing(behind_wall_of(acme, user=alice)):
        assert BasePage.objects.filter(pk=article.pk).update(title="Taken") == 0
        assert Author.objects.update(name="Taken") == 0
        assert not ContactMessage.objects.exists()
    owner = signed_in(alice)
    assert owner.post(edit(article), form_of(article, title="Taken")).status_code in (302, 403, 404)
    article.refresh_from_db()
    assert article.latest_revision is None or article.latest_revision.content["title"] != "Taken"
    assert owner.post(reverse("site_switch")).status_code == 404


def test_a_member_who_also_edits_the_site_does_one_at_a_time(home, article, acme, bob):
    client = signed_in(edits_site(bob))
    assert client.get(reverse("posts:index")).status_code == 200
    assert client.post(edit(article), form_of(article, title="Taken", **{"action-publish": "1"})).status_code != 200
    assert BlogPage.objects.get(pk=article.pk).title == article.title

    assert "Public site" in client.get(reverse("wagtailadmin_home")).content.decode()
    client.post(reverse("site_switch"))
    assert client.get(edit(article)).status_code == 200
    with standing(behind_wall_of_site(user=bob)):
        assert set(BasePage.objects.values_list("organization", flat=True)) == {None}

    client.post(reverse("organization_switch", args=[acme.pk]))
    assert client.get(reverse("posts:index")).status_code == 200


def test_whoever_is_taken_out_of_the_group_is_out_at_once(editor, mia, article):
    mia.groups.clear()
    answer = editor.get(edit(article))
    assert (answer.status_code, answer.url) == (302, reverse("organization_new"))


def test_saying_it_twice_changes_nothing_and_keeps_what_an_operator_took_away(home, acme):
    MembershipFactory(organization=acme, role=Role.ADMIN)
    before = GroupPagePermission.objects.count(), Workflow.objects.count(), Collection.objects.count()
    let_editors_edit(home)
    assert (GroupPagePermission.objects.count(), Workflow.objects.count(), Collection.objects.count()) == before
    home.workflowpage.delete()
    let_editors_edit(home)
    assert not Workflow.objects.filter(workflow_pages__page_id=home.pk).exists()
