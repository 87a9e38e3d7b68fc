"""The editor's checks: asked with the form as it stands, saving nothing."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from content_studio.checking import answer_for
from content_studio.checks import checks_of
from content_studio.drafting import create_draft, segment
from content_studio.messages import networks_with_own_texts
from content_studio.models import SocialPost, Workspace
from publishing.models import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def channels(acme):
    return [
        Channel.objects.create(organization=acme, network=network, name="Acme", sandbox=True)
        for network in ("x", "bluesky")
    ]


@pytest.fixture
def post(acme, bob, channels):
    return create_draft(organization=acme, user=bob, segments=[segment("Saved")], channels=channels)


@pytest.fixture
def studio(client, bob):
    client.force_login(bob)
    return client


def form(channels, *texts):
    segments = [("segment", {"text": text, "media": streamfield([]), "link": {"count": "0"}}) for text in texts]
    data = nested_form_data({"body": streamfield(segments)})
    for index in range(len(texts)):
        data[f"body-{index}-value-link-count"] = data[f"body-{index}-value-poll-count"] = "0"
    return {
        **data,
        "title": "A post",
        "language": "en",
        "channels": [str(channel.pk) for channel in channels],
        "planned_timezone": "UTC",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }


def test_the_form_is_checked_as_it_stands_and_nothing_is_saved(studio, post, channels):
    revisions = post.revisions.count()

    answer = studio.post(reverse("post_checks", args=[post.pk]), form(channels, "a" * 290, "Second")).json()

    assert answer["readable"] is True
    assert answer["problems"] == 1
    assert answer["counters"][0] == [
        {"network": "X", "value": 290, "limit": 280, "unit": "characters"},
        {"network": "Bluesky", "value": 290, "limit": 300, "unit": "characters"},
    ]
    assert "X takes 280" in answer["html"]
    assert post.revisions.count() == revisions
    assert SocialPost.objects.get(pk=post.pk).get_latest_revision_as_object().texts == ["Saved"]


def test_without_a_channel_the_panel_says_what_to_do(studio, post):
    answer = studio.post(reverse("post_checks", args=[post.pk]), form([], "Hello")).json()
    assert (answer["problems"], answer["counters"]) == (0, [])
    assert "Choose a channel" in answer["html"]


def test_a_new_post_is_checked_before_it_exists(studio, acme, channels):
    parent = Workspace.objects.get(organization=acme)
    url = reverse("post_checks_new", args=["content_studio", "socialpost", parent.pk])
    answer = studio.post(url, form(channels, "a" * 301)).json()
    assert answer["problems"] == 2
    assert not SocialPost.objects.filter(organization=acme).exists()


def test_a_form_that_cannot_be_read_yet_says_so(studio, post):
    assert studio.post(reverse("post_checks", args=[post.pk]), {"body-count": "x"}).json() == {"readable": False}


def test_an_outsider_cannot_ask(client, charlie, globex, post):
    client.force_login(charlie)
    assert client.post(reverse("post_checks", args=[post.pk]), {}).status_code in (302, 403, 404)


def test_a_viewer_cannot_ask(client, vera, post):
    client.force_login(vera)
    assert client.post(reverse("post_checks", args=[post.pk]), {}).status_code in (302, 403, 404)


def test_the_editor_opens_with_the_checks_of_what_is_saved(studio, acme, bob, channels):
    long = create_draft(organization=acme, user=bob, segments=[segment("a" * 290)], channels=channels)
    html = studio.get(reverse("wagtailadmin_pages:edit", args=[long.pk])).content.decode()
    assert 'data-controller="cs-checks"' in html
    assert "The text has 290 characters; X takes 280." in html
    assert reverse("post_checks", args=[long.pk]) in html


def test_a_network_with_a_text_of_its_own_counts_that(studio, acme, bob, channels):
    own = ("override", {"network": "bluesky", "segments": [("segment", segment("Own"))]})
    post = create_draft(organization=acme, user=bob, segments=[segment("Common text")], rest=[own], channels=channels)
    content = post.get_latest_revision_as_object()
    answer = answer_for(checks_of(content), own_texts=networks_with_own_texts(content))
    assert [entry["network"] for entry in answer["counters"][0]] == ["X"]
    assert answer["own"] == {"bluesky": [[{"network": "Bluesky", "value": 3, "limit": 300, "unit": "characters"}]]}
