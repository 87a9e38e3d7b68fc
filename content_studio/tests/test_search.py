"""Saving one post leaves the search index's other rows alone."""

import pytest
from wagtail.search.models import IndexEntry

from content_studio.drafting import create_draft, revise, segment
from content_studio.models import SocialPost

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
