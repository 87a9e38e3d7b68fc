"""`POST /api/v1/content/validate/`: the product's one counter, for tools."""

import json
from pathlib import Path

import pytest
from rest_framework.test import APIClient

import publishing.tests.networks
from organizations.factories import PASSWORD
from publishing.models import Channel

pytestmark = pytest.mark.django_db
URL = "/api/v1/content/validate/"
X_CASES = json.loads((Path(publishing.tests.networks.__path__[0]) / "x_weighted_lengths.json").read_text())["cases"]


@pytest.fixture
def api(bob):
    client = APIClient()
    client.force_login(bob)
    client.force_authenticate(bob)
    return client


def validate(api, platform, *segments, **more):
    return api.post(URL, {"platform": platform, "segments": list(segments), **more}, format="json")


def codes(segment):
    return [error["code"] for error in segment["errors"]]


def test_it_needs_authentication():
    assert validate(APIClient(), "x", "Hello").status_code == 401


def test_an_access_token_opens_it(bob):
    client = APIClient()
    token = client.post("/api/v1/auth/token/", {"email": bob.email, "password": PASSWORD}, format="json").json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token['access']}")
    assert validate(client, "x", "Hello").json()["valid"] is True


def test_a_session_alone_needs_the_editors_csrf_token(bob):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(bob)
    assert validate(client, "x", "Hello").status_code == 403


def test_it_answers_for_each_segment(api):
    answer = validate(api, "twitter", "Short", "a" * 281)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["platform"], body["network"], body["valid"]) == ("twitter", "x", False)
    first, second = body["segments"]
    assert first == {"length": 5, "limit": 280, "unit": "characters", "errors": [], "warnings": []}
    assert (second["length"], codes(second)) == (281, ["text_too_long"])
    assert second["errors"][0]["fix"]


@pytest.mark.parametrize(("what", "text", "length"), X_CASES, ids=[case[0] for case in X_CASES])
def test_x_is_counted_by_weight(api, what, text, length):
    assert validate(api, "x", text).json()["segments"][0]["length"] == length


def test_space_at_the_ends_is_counted_as_it_is_given(api):
    assert validate(api, "x", " a \n").json()["segments"][0]["length"] == 4


def test_an_empty_segment_is_not_valid(api):
    body = validate(api, "bluesky", "").json()
    assert (body["valid"], codes(body["segments"][0])) == (False, ["text_empty"])


def test_a_thread_is_no_thread_on_linkedin(api):
    body = validate(api, "linkedin", "One", "Two").json()
    assert body["valid"] is False
    assert codes(body["segments"][1]) == ["thread_unsupported"]


def test_plain_texts_for_instagram_are_valid_with_a_warning_about_the_picture(api):
    body = validate(api, "instagram", "A caption").json()
    assert body["valid"] is True
    assert [warning["code"] for warning in body["segments"][0]["warnings"]] == ["media_missing"]


def test_a_segment_as_an_object_is_checked_with_everything_it_carries(api):
    picture = {"kind": "image", "mime_type": "image/jpeg", "alt": "A shoe", "width": 1080, "height": 1080}
    assert validate(api, "instagram", {"text": "A caption", "media": [picture]}).json()["valid"] is True
    body = validate(api, "instagram", {"text": "A caption"}).json()
    assert codes(body["segments"][0]) == ["media_missing"]
    body = validate(api, "instagram", {"text": "A caption", "media": [{**picture, "alt": ""}]}).json()
    assert codes(body["segments"][0]) == ["alt_missing"]


def test_a_link_counts_where_it_becomes_part_of_the_text(api):
    body = validate(api, "x", {"text": "Look", "link": "https://example.com/a/long/path/to/see"}).json()
    assert body["segments"][0]["length"] == 4 + 2 + 23


def test_a_channels_own_limits_apply(api, acme):
    instance = Channel.objects.create(
        organization=acme, network="mastodon", name="Ours", limits={"max_characters": 5000}
    )
    body = validate(api, "mastodon", "a" * 4000, channel=str(instance.pk)).json()
    assert (body["valid"], body["segments"][0]["limit"]) == (True, 5000)
    assert validate(api, "mastodon", "a" * 4000).json()["valid"] is False
    assert validate(api, "x", "a", channel=str(instance.pk)).status_code == 404


def test_somebody_elses_channel_is_not_found(api, globex):
    theirs = Channel.objects.create(organization=globex, network="mastodon", name="Theirs")
    assert validate(api, "mastodon", "a", channel=str(theirs.pk)).status_code == 404


def test_an_unknown_network_is_a_problem(api):
    answer = validate(api, "myspace", "Hello")
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("unknown-network")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"platform": "x"},
        {"platform": "x", "segments": []},
        {"platform": "x", "segments": "Hello"},
        {"platform": "x", "segments": [1]},
        {"platform": "x", "segments": [None]},
        {"platform": "x", "segments": [["a"]]},
        {"platform": "x", "segments": ["a"] * 101},
        {"platform": "x", "segments": ["a" * 30_001]},
        {"platform": "x", "segments": [{"text": "a", "media": [{"kind": "hologram"}]}]},
        {"platform": "x", "segments": [{"text": "a", "media": "none"}]},
        {"platform": "x", "segments": ["a"], "channel": "not-an-id"},
        {"platform": ["x"], "segments": ["a"]},
    ],
)
def test_what_cannot_be_read_is_refused_by_field(api, body):
    answer = api.post(URL, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"]
