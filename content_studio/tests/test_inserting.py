"""A post that was inserted is the same in the database as one that went Wagtail's longer way."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import PageLogEntry, ReferenceIndex
from wagtail.search.backends import get_search_backend

from content_studio.drafting import create_draft, segment
from content_studio.models import SocialPost, Workspace
from organizations.models import BasePage
from publishing.models import Channel

pytestmark = pytest.mark.django_db

LINKED = segment("Our new roof keeps the rain out.", link={"url": "https://acme.example/roof"})
# What differs between any two posts, and what counts on where they stand.
OF_ITS_OWN = {"pk", "path", "uuid", "slug", "translation_key", "url_path", "basepage_ptr", "basepage_ptr_id"}
OF_ITS_OWN |= {"id", "latest_revision", "latest_revision_id", "latest_revision_created_at"}


@pytest.fixture
def channel(acme):
    return Channel.objects.create(organization=acme, network="x", name="Acme", sandbox=True)


def by_wagtail(organization, user, channel):
    workspace = Workspace.objects.get(organization=organization)
    post = SocialPost(title="Our new roof keeps the rain out.", owner=user, live=False, language="en")
    post.has_unpublished_changes = True
    post.body = [("segment", LINKED)]
    post.channels.set([channel])
    workspace.add_child(instance=post)
    post.save_revision(user=user, log_action="wagtail.create")
    return SocialPost.objects.get(pk=post.pk)


def inserted(organization, user, channel):
    post = create_draft(organization=organization, user=user, segments=[LINKED], channels=[channel])
    return SocialPost.objects.get(pk=post.pk)


def row(instance, *without):
    skipped = OF_ITS_OWN | set(without)
    return {
        field.name: field.value_to_string(instance)
        for field in instance._meta.concrete_fields
        if field.name not in skipped
    }


def content(post):
    values = dict(post.latest_revision.content)
    assert values["pk"] == post.pk
    # The body holds ids of its blocks: compared by value.
    return {name: value for name, value in values.items() if name not in OF_ITS_OWN | {"body"}}


def references(post):
    found = ReferenceIndex.get_references_for_object(post)
    return {(each.model_path, each.to_object_id) for each in found if each.model_path != "organization"}


def test_page_revision_log_and_references_are_the_same(acme, bob, channel):
    ours, theirs = inserted(acme, bob, channel), by_wagtail(acme, bob, channel)

    assert row(ours) == row(theirs) | {"body": row(ours)["body"]}
    assert [block.value["text"] for block in ours.body] == [block.value["text"] for block in theirs.body]
    assert content(ours) == content(theirs)
    assert row(ours.latest_revision, "object_id", "content", "created_at") == row(
        theirs.latest_revision, "object_id", "content", "created_at"
    )
    assert list(ours.channels.all()) == list(theirs.channels.all()) == [channel]
    ours_again, theirs_again = (post.get_latest_revision_as_object() for post in (ours, theirs))
    assert list(ours_again.channels.all()) == list(theirs_again.channels.all()) == [channel]
    assert ours_again.body[0].value["link"][0]["url"] == theirs_again.body[0].value["link"][0]["url"]
    assert references(ours) == references(theirs)
    [logged] = PageLogEntry.objects.filter(page=ours)
    assert (logged.action, logged.user, logged.revision) == ("wagtail.create", bob, ours.latest_revision)


def test_the_tree_stays_whole(acme, bob, channel):
    posts = [inserted(acme, bob, channel), by_wagtail(acme, bob, channel), inserted(acme, bob, channel)]

    workspace = Workspace.objects.get(organization=acme)
    assert workspace.numchild == 3
    assert [page.pk for page in workspace.get_children()] == [post.pk for post in posts]
    assert BasePage.find_problems() == ([], [], [], [], [])


def test_it_is_found_by_its_words(acme, bob, channel):
    post = inserted(acme, bob, channel)

    assert post in list(get_search_backend().search("roof", SocialPost.objects.all()))


def test_it_can_be_edited_and_published_like_any_page(acme, bob, channel):
    post = inserted(acme, bob, channel)
    newest = post.get_latest_revision_as_object()
    newest.title = "Another title"

    newest.save_revision(user=bob).publish()

    post.refresh_from_db()
    assert (post.title, post.live) == ("Another title", True)
    assert post.revisions.count() == 2


def test_what_the_form_would_refuse_is_refused(acme, bob, globex):
    foreign = Channel.objects.create(organization=globex, network="x", name="Globex", sandbox=True)

    with pytest.raises(ValidationError, match="your organization's own channels"):
        create_draft(organization=acme, user=bob, segments=[LINKED], channels=[foreign])
    with pytest.raises(ValidationError):
        create_draft(organization=acme, user=bob, segments=[LINKED], language="x" * 50)
    assert not SocialPost.objects.exists()
    assert Workspace.objects.get(organization=acme).numchild == 0


def test_it_takes_a_fixed_and_small_number_of_statements(acme, bob, channel, django_assert_max_num_queries):
    inserted(acme, bob, channel)
    with django_assert_max_num_queries(15):
        create_draft(organization=acme, user=bob, segments=[segment("Hello")] * 8, channels=[channel])
