"""A post begins as a draft below its workspace, and every change is a revision."""

import pytest

from content_studio.drafting import create_draft, revise, segment
from content_studio.models import SocialPost
from content_studio.naming import title_from
from organizations.problems import Forbidden

pytestmark = pytest.mark.django_db


def test_a_draft_has_a_revision_and_belongs_to_its_organization(acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("Hello, world. This is us.")])

    post = SocialPost.objects.get(pk=post.pk)
    assert post.organization == acme
    assert not post.live
    assert post.latest_revision.user == bob
    assert post.get_latest_revision_as_object().body[0].value["text"] == "Hello, world. This is us."
    assert post.title == "Hello, world. This is us."


def test_a_revision_changes_what_was_given_and_keeps_the_rest(acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("First")], language="de")

    revise(post, user=bob, segments=[segment("Second"), segment("Third")])

    newest = SocialPost.objects.get(pk=post.pk).get_latest_revision_as_object()
    assert [block.value["text"] for block in newest.body] == ["Second", "Third"]
    assert newest.language == "de"
    assert post.revisions.count() == 2


def test_a_viewer_can_neither_begin_nor_change_a_post(acme, bob, vera):
    with pytest.raises(Forbidden):
        create_draft(organization=acme, user=vera, segments=[segment("No")])
    post = create_draft(organization=acme, user=bob, segments=[segment("Yes")])
    with pytest.raises(Forbidden):
        revise(post, user=vera, segments=[segment("No")])
    assert post.revisions.count() == 1


def test_a_title_is_the_first_words_and_never_empty():
    assert title_from("  \n ") == "Untitled post"
    assert len(title_from("word " * 40)) <= 60


def test_a_post_without_a_name_of_its_own_is_called_after_its_newest_words(acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("First words")])
    assert revise(post, user=bob, segments=[segment("Other words")]).title == "Other words"
    assert revise(post, user=bob, title="Kettles").title == "Kettles"
    assert revise(post, user=bob, segments=[segment("Third words")]).title == "Kettles"


def test_the_newest_draft_asks_for_nothing_that_the_page_says_better(acme, bob, adam, django_assert_max_num_queries):
    post = create_draft(organization=acme, user=bob, segments=[segment("Hello")])
    revise(post, user=bob, segments=[segment("Hello again")])
    SocialPost.objects.filter(pk=post.pk).update(owner=adam, state=SocialPost.State.PUBLISHED)
    post = SocialPost.objects.select_related("organization", "latest_revision").get(pk=post.pk)
    post.latest_revision.content_object = post
    with django_assert_max_num_queries(3):  # its channels, the workspace, its comments
        newest = post.get_latest_revision_as_object()
        assert newest.organization == acme
    assert newest.texts == ["Hello again"]
    assert (newest.owner, newest.state) == (adam, SocialPost.State.PUBLISHED)
    assert newest.get_parent() == post.get_parent()
