"""POST /api/v1/content/generate/ as other programs see it."""

import json
import uuid

import pytest
from rest_framework.test import APIClient

from billing import quotas
from billing.models import PlanGrant
from billing.plans import TEAM
from content_studio.models import SocialPost
from organizations.factories import PASSWORD
from publishing.models import Channel

from . import wire

pytestmark = pytest.mark.django_db

URL = "/api/v1/content/generate/"
PROBLEM = "application/problem+json"


def signed_in(person) -> APIClient:
    client = APIClient()
    token = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD}).json()["access"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def bobs(bob):
    return signed_in(bob)


def brief(organization, **kwargs):
    return {
        "platform": "twitter",
        "tone": "professional",
        "prompt": "New product launch announcement",
        "organization_id": str(organization.pk),
        "ai_provider": "openai",
        **kwargs,
    }


def test_the_call_that_the_product_promises(openai_server, bobs, acme):
    text = "We launch today. Come and see."
    openai_server.answers(wire.openai_reply(wire.draft(text)))

    response = bobs.post(URL, brief(acme))

    assert response.status_code == 201, response.content
    answer = response.json()
    post = SocialPost.objects.get()
    assert uuid.UUID(answer["id"]) == post.generations.get().pk
    assert answer["post"] == {
        "id": str(post.uuid),
        "admin_url": f"http://localhost:8000/admin/pages/{post.pk}/edit/",
    }
    assert (answer["platform"], answer["network"]) == ("twitter", "x")
    assert (answer["tone"], answer["language"]) == ("professional", "en")
    assert (answer["ai_provider"], answer["model"]) == ("openai", "gpt-5-mini-2026-08-07")
    assert answer["segments"] == [text]
    assert answer["shortened"] is False
    assert answer["count"] == {"value": len(text), "limit": 280, "unit": "characters"}
    assert answer["tokens"] == {"charged": 1, "remaining": 99}


def test_the_plan_that_is_in_force_counts_and_no_lesser_one(openai_server, bobs, acme):
    PlanGrant.objects.create(organization=acme, plan="team", reason="tests")
    openai_server.answers(wire.openai_reply(wire.draft("We launch today.")))

    response = bobs.post(URL, brief(acme))

    assert response.json()["tokens"]["remaining"] == TEAM.tokens - 1
    assert response["RateLimit-Limit"] == str(TEAM.api_requests_per_minute)


def test_the_call_takes_a_small_number_of_statements(openai_server, bobs, acme, django_assert_max_num_queries):
    for _time in range(2):
        openai_server.answers(wire.openai_reply(wire.draft("We launch today.")))
    bobs.post(URL, brief(acme))  # makes the period

    with django_assert_max_num_queries(27):
        assert bobs.post(URL, brief(acme)).status_code == 201


@pytest.mark.parametrize("platform", ["x", "twitter", "Twitter", "linkedin", "instagram", "bluesky", "mastodon"])
def test_every_platform_is_served_without_any_key(bobs, acme, platform):
    response = bobs.post(URL, {"platform": platform, "prompt": "Our new roof", "tone": "casual"})

    assert response.status_code == 201, response.content
    answer = response.json()
    assert answer["ai_provider"] == "demo"
    assert answer["count"]["value"] <= answer["count"]["limit"]
    assert "demo" in answer["notice"]


def test_channels_can_be_chosen(bobs, acme):
    channels = [
        Channel.objects.create(organization=acme, network="x", name=name, sandbox=True) for name in ("one", "two")
    ]

    response = bobs.post(URL, brief(acme, ai_provider="demo", channels=[str(channels[1].pk)]))

    assert response.status_code == 201, response.content
    assert list(SocialPost.objects.get().get_latest_revision_as_object().channels.all()) == [channels[1]]


def problem(response, status, slug):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    document = response.json()
    assert document["type"].endswith(f"/{slug}")
    assert document["status"] == status
    return document


def test_a_provider_without_key_is_a_problem_that_names_the_setting(bobs, acme):
    document = problem(bobs.post(URL, brief(acme)), 400, "ai-provider-not-configured")

    assert "OPENAI_API_KEY" in document["detail"]
    assert document["available"] == ["demo"]


def test_an_unknown_provider_or_platform_is_a_problem_that_names_the_known(bobs, acme):
    assert "gemini" in problem(bobs.post(URL, brief(acme, ai_provider="skynet")), 400, "ai-provider-unknown")["detail"]
    assert "mastodon" in problem(bobs.post(URL, brief(acme, platform="myspace")), 400, "unknown-network")["detail"]


def test_what_is_wrong_with_a_field_is_said_by_field(bobs, acme):
    document = problem(bobs.post(URL, brief(acme, tone="grumpy", prompt=" ", language="d")), 400, "validation-error")

    assert {error["field"] for error in document["errors"]} == {"tone", "prompt", "language"}


def test_nobody_is_served_without_a_token(acme):
    problem(APIClient().post(URL, brief(acme)), 401, "not-authenticated")


def test_an_outsider_does_not_learn_that_the_organization_exists(acme, charlie, globex):
    outsider = signed_in(charlie)

    real = problem(outsider.post(URL, brief(acme)), 404, "not-found")
    invented = problem(outsider.post(URL, brief(acme, organization_id=str(uuid.uuid4()))), 404, "not-found")

    assert real == invented


def test_a_viewer_may_not_generate(acme, vera):
    problem(signed_in(vera).post(URL, brief(acme, ai_provider="demo")), 403, "forbidden")


def test_a_used_up_plan_is_a_problem_with_the_way_out(openai_server, bobs, acme):
    quotas.settle(quotas.reserve(acme, tokens=99), provider_tokens=99_000, provider="demo", model="templates")

    document = problem(bobs.post(URL, brief(acme)), 402, "quota-exceeded")

    assert "larger plan" in document["detail"]
    assert openai_server.requests == []


@pytest.mark.parametrize(
    ("reply", "status", "slug"),
    [
        (wire.openai_error(401, message="Wrong key.", code="invalid_api_key"), 502, "ai-key-refused"),
        (wire.openai_error(429, message="Slow down.", code="rate_limit_exceeded", retry_after="20"), 503, "ai-busy"),
        (wire.openai_error(500, message="Error.", kind="server_error"), 503, "ai-unreachable"),
        (wire.openai_refusal("I can't help with that."), 422, "ai-refused"),
        (wire.openai_reply("no JSON"), 502, "ai-malformed"),
        (wire.Reply(wire.openai_response(wire.draft("Late.")), delay=1.5), 504, "ai-timed-out"),
    ],
)
def test_what_the_provider_does_wrong_is_told(openai_server, bobs, acme, reply, status, slug):
    openai_server.answers(reply)

    problem(bobs.post(URL, brief(acme)), status, slug)

    assert quotas.remaining(acme).remaining == 100


def events_of(response) -> list[tuple[str, dict]]:
    assert response["Content-Type"].startswith("text/event-stream")
    blocks = b"".join(response.streaming_content).decode().strip().split("\n\n")
    lines = [block.split("\n") for block in blocks]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in lines]


@pytest.mark.parametrize(("path", "accept"), [(URL, "text/event-stream"), (f"{URL}?stream=true", "application/json")])
def test_a_client_can_watch_it_being_written(openai_server, bobs, acme, path, accept):
    openai_server.answers(wire.openai_stream(wire.draft("We launch today."), pieces=4))

    response = bobs.post(path, brief(acme), headers={"accept": accept})

    events = events_of(response)
    assert [name for name, _data in events] == ["started", "text", "text", "text", "text", "done"]
    assert events[0][1]["ai_provider"] == "openai"
    assert events[-1][1]["segments"] == ["We launch today."]
    assert events[-1][1]["post"]["id"] == str(SocialPost.objects.get().uuid)


def test_several_takes_are_never_streamed(bobs, acme):
    asked = brief(acme, ai_provider="demo", variants=2)
    response = bobs.post(URL, asked, headers={"accept": "text/event-stream"})
    assert (response.status_code, response["Content-Type"]) == (201, "application/json")
    assert len(response.json()["results"]) == 2


def test_what_fails_before_the_first_event_has_its_own_status(bobs, acme):
    problem(bobs.post(f"{URL}?stream=true", brief(acme)), 400, "ai-provider-not-configured")
    response = bobs.post(URL, brief(acme), headers={"accept": "text/event-stream"})
    problem(response, 400, "ai-provider-not-configured")


def test_what_fails_later_is_the_last_event(openai_server, bobs, acme):
    openai_server.answers(wire.openai_stream(wire.draft("We launch today."), end=""))

    events = events_of(bobs.post(f"{URL}?stream=true", brief(acme)))

    name, document = events[-1]
    assert name == "problem"
    assert document["type"].endswith("/ai-unreachable")
    assert quotas.remaining(acme).remaining == 100
