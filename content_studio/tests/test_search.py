"""Saving one post leaves the search index's other rows alone."""

import pytest
from django.urls import reverse
from wagtail.search.models import IndexEntry

from content_studio.drafting import create_draft, first_comment, override, revise, segment
from content_studio.models import SocialPost
from content_studio.searching import PostWords, catch_up, saying

pytestmark = pytest.mark.django_db


def test_saving_a_post_touches_no_other_row_of_the_index(acme, bob):
    create_draft(organization=acme, user=bob, segments=[segment("A short one")])
    before = dict(IndexEntry.objects.values_list("pk", "title_norm"))

    create_draft(organization=acme, user=bob, segments=[segment("A title that is quite a bit longer than that")])

    after = dict(IndexEntry.objects.filter(pk__in=before).values_list("pk", "title_norm"))
    assert after == before
    assert set(before.values()) == {1.0}


def test_a_post_is_found_by_the_words_of_its_title(acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("Huehuetenango is back")])

    assert list(SocialPost.objects.search("huehuetenango")) == [post]


def test_a_draft_is_found_by_its_newest_title(acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("Before")])

    revise(post, user=bob, title="Afterwards")

    assert list(SocialPost.objects.search("afterwards")) == [post]
    assert list(SocialPost.objects.search("before")) == []


def found(client, words):
    listed = client.get(reverse("posts:index"), {"q": words}).context["object_list"]
    return [post.draft_title for post in listed]


def test_the_list_is_searched_in_what_posts_say_and_not_in_how_that_is_stored(client, acme, bob):
    client.force_login(bob)
    for number in (1, 2, 3):
        create_draft(organization=acme, user=bob, segments=[segment(f"Number {number}")])
    last = SocialPost.objects.get(draft_title="Number 3")
    block = last.body.raw_data[0]["id"]

    assert found(client, "number 3") == ["Number 3"]
    assert found(client, block) == []
    assert found(client, "segment") == []
    assert len(found(client, "number")) == 3


def test_the_list_finds_the_newest_words_and_not_those_of_earlier_versions(client, acme, bob):
    client.force_login(bob)
    post = create_draft(organization=acme, user=bob, title="Coffee", segments=[segment("From Huehuetenango")])

    revise(post, user=bob, segments=[segment("From Sidamo", link={"url": "https://acme.example/sidamo-lot"})])

    assert found(client, "sidamo-lot coffee") == ["Coffee"]
    assert found(client, "huehuetenango") == []


def test_everything_that_a_post_says_is_found_whatever_the_capitals(acme, bob):
    poll = {"options": ["Filter", "Moka pot"], "minutes": "1440"}
    link = {"url": "https://acme.example/a_lot", "title": "Unser Röster", "description": "Straße 5"}
    post = create_draft(
        organization=acme,
        user=bob,
        title="Monday",
        segments=[segment("Sidamo", link=link, poll=poll)],
        rest=[*first_comment("Below it"), override("x", segments=[segment("Shorter")], first_comment="On X")],
    )

    for words in ("MONDAY sidamo", "a_lot", "röster", "STRASSE", "moka", "below", "shorter", "on x"):
        assert list(saying(SocialPost.objects.all(), words)) == [post], words
    for words in ("1440", "override", "alot", "%", "mastodon"):
        assert not saying(SocialPost.objects.all(), words), words


def test_posts_that_came_another_way_are_found_once_the_search_has_caught_up(acme, bob):
    one, two = (create_draft(organization=acme, user=bob, segments=[segment(text)]) for text in ("One", "Two"))
    PostWords.objects.filter(post=one).delete()
    PostWords.objects.filter(post=two).update(revision_id=1, text="old")

    assert catch_up() == 2
    assert catch_up() == 0
    assert [saying(SocialPost.objects.all(), text).get() for text in ("one", "two")] == [one, two]
