"""A post in Wagtail's preview panel, as each of its channels would show it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content_studio.drafting import create_draft, segment
from content_studio.models import SocialPost
from publishing.models import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def channels(acme):
    return [
        Channel.objects.create(organization=acme, network=network, name="Acme News", handle="acme", sandbox=True)
        for network in ("mastodon", "x")
    ]


@pytest.fixture
def post(acme, bob, channels):
    link = {"url": "https://example.com/launch", "title": "The launch", "description": "All of it", "image": None}
    return create_draft(
        organization=acme,
        user=bob,
        segments=[segment("Hello <b>world</b> #launch"), segment("Read on", link=link)],
        channels=channels,
    )


@pytest.fixture
def studio(client, bob):
    client.force_login(bob)
    return client


def preview(studio, post, mode):
    return studio.get(reverse("wagtailadmin_pages:view_draft", args=[post.pk]), {"mode": mode})


def test_there_is_a_mode_for_each_channel_all_of_them_and_each_network(post, channels):
    names = dict(SocialPost.objects.get(pk=post.pk).get_latest_revision_as_object().preview_modes)
    assert list(names)[:3] == [f"channel-{channels[1].pk}", f"channel-{channels[0].pk}", "all"]
    assert names[f"channel-{channels[0].pk}"] == "Mastodon · Acme News"
    assert list(names)[3:] == ["x", "linkedin", "instagram", "bluesky", "mastodon"]


def test_a_post_without_channels_is_previewed_for_any_network(acme, bob):
    assert next(mode for mode, _name in SocialPost().preview_modes) == "x"


@pytest.mark.parametrize("mode", ["x", "linkedin", "instagram", "bluesky", "mastodon", "all"])
def test_each_mode_shows_the_post(studio, post, mode):
    answer = preview(studio, post, mode)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Hello &lt;b&gt;world&lt;/b&gt;" in html
    assert '<span class="cs-tag">#launch</span>' in html


def test_a_channels_mode_shows_it_as_that_channel(studio, post, channels):
    html = preview(studio, post, f"channel-{channels[0].pk}").content.decode()
    assert "Acme News" in html
    assert html.count('class="cs-frame"') == 1


def test_all_channels_come_one_below_the_other(studio, post):
    assert preview(studio, post, "all").content.decode().count('class="cs-frame"') == 2


def test_a_channel_that_was_taken_away_says_so(studio, post, channels):
    gone = channels[0].pk
    post.channels.set([channels[1]])
    post.save_revision()
    assert "does not go to this channel any more" in preview(studio, post, f"channel-{gone}").content.decode()


def test_a_thread_on_linkedin_shows_the_first_segment_and_says_why(studio, post):
    html = preview(studio, post, "linkedin").content.decode()
    assert html.count('class="cs-post cs-post--stacked"') == 1
    assert "LinkedIn has no threads" in html


def test_an_empty_post_can_be_previewed(studio, acme, bob):
    empty = create_draft(organization=acme, user=bob, segments=[])
    assert preview(studio, empty, "x").status_code == 200


def test_outsiders_see_no_preview(client, charlie, globex, post):
    client.force_login(charlie)
    assert preview(client, post, "x").status_code in (302, 403, 404)


def test_the_number_of_queries_does_not_grow_with_segments(studio, acme, bob, channels):
    def queries(number):
        parts = [segment(f"Segment {n}") for n in range(number)]
        post = create_draft(organization=acme, user=bob, segments=parts, channels=channels)
        content = SocialPost.objects.get(pk=post.pk).latest_revision.as_object()
        with CaptureQueriesContext(connection) as captured:
            content.shown_for("all")
        return len(captured)

    assert queries(1) == queries(8)
