"""Writing from a brief in the studio, with the demo provider, which needs no key."""

import json

import pytest
from django.urls import reverse

from billing.models import PlanGrant, UsagePeriod
from billing.quotas import remaining
from content_studio.models import SocialPost
from publishing.models import Channel

pytestmark = pytest.mark.django_db

BRIEF = {
    "prompt": "New product launch announcement",
    "tone": "professional",
    "language": "en",
    "link": "",
    "provider": "demo",
}


@pytest.fixture
def channels(acme):
    return [
        Channel.objects.create(organization=acme, network=network, name=f"Acme on {network}", sandbox=True)
        for network in ("mastodon", "linkedin")
    ]


def events(response) -> list[dict]:
    body = b"".join(response.streaming_content).decode()
    return [json.loads(part.removeprefix("data: ")) for part in body.strip().split("\n\n")]


def test_one_draft_for_each_chosen_network_without_any_script(client, acme, bob, channels):
    client.force_login(bob)
    client.post(reverse("compose"), {**BRIEF, "networks": ["mastodon", "linkedin"]})
    posts = SocialPost.objects.for_organization(acme)
    assert {post.channels.get().network for post in posts} == {"mastodon", "linkedin"}
    assert all(post.state == SocialPost.State.DRAFT and post.owner == bob for post in posts)


def test_a_single_draft_opens_in_the_editor(client, bob, channels):
    client.force_login(bob)
    response = client.post(reverse("compose"), {**BRIEF, "networks": ["mastodon"]})
    assert response.url == SocialPost.objects.get().admin_url


def test_text_arrives_as_it_is_written_and_ends_with_the_draft(client, acme, bob, channels):
    client.force_login(bob)
    news = events(client.post(reverse("compose_stream"), {**BRIEF, "networks": ["mastodon"]}))
    assert len([event for event in news if event["kind"] == "text"]) > 1
    done = news[-1]
    post = SocialPost.objects.get()
    assert done["kind"] == "done" and done["edit_url"] == post.admin_url
    assert done["segments"] == post.texts
    assert done["remaining"] == remaining(acme).remaining


def test_a_spent_quota_is_a_message_and_costs_none_of_what_was_typed(client, acme, bob, channels):
    allowance = remaining(acme)
    UsagePeriod.objects.update_or_create(
        organization=acme,
        starts_at=allowance.starts_at,
        defaults={"ends_at": allowance.ends_at, "used": allowance.limit},
    )
    client.force_login(bob)
    page = client.post(reverse("compose"), {**BRIEF, "networks": ["mastodon"]})
    assert page.status_code == 200
    assert BRIEF["prompt"] in page.content.decode()
    assert page.context["form"].non_field_errors()
    (news,) = events(client.post(reverse("compose_stream"), {**BRIEF, "networks": ["mastodon"]}))
    assert news["kind"] == "error" and news["message"]
    assert not SocialPost.objects.exists()
    assert not PlanGrant.objects.exists()


def test_too_few_tokens_for_a_text_are_told_before_anybody_tries(client, acme, alice, bob, channels):
    allowance = remaining(acme)
    UsagePeriod.objects.update_or_create(
        organization=acme,
        starts_at=allowance.starts_at,
        defaults={"ends_at": allowance.ends_at, "used": allowance.limit - 2},
    )
    for person, plans in ((alice, True), (bob, False)):
        client.force_login(person)
        page = client.get(reverse("compose")).content.decode()
        assert "2 tokens are left" in page and "needs up to 5" in page
        assert "Too few tokens left" in page  # the bar on every page
        assert (reverse("billing:plans") in page) is plans
    answer = client.post(reverse("compose"), {**BRIEF, "networks": ["mastodon"]})
    assert answer.context["form"].non_field_errors() and not SocialPost.objects.exists()


def test_a_brief_asks_for_no_more_drafts_than_a_person_would_wait_for(client, acme, bob):
    for network in ("mastodon", "linkedin", "x"):
        Channel.objects.create(organization=acme, network=network, name=network, sandbox=True)
    client.force_login(bob)
    page = client.post(reverse("compose"), {**BRIEF, "networks": ["mastodon", "linkedin", "x"], "variants": "3"})
    assert page.content.decode().count("At most 8 drafts at once") == 1 and BRIEF["prompt"] in page.content.decode()
    assert remaining(acme).used == 0 and not SocialPost.objects.exists()


def test_a_brief_without_networks_is_kept_and_says_what_is_missing(client, bob, channels):
    client.force_login(bob)
    page = client.post(reverse("compose"), BRIEF)
    assert "Choose at least one network" in page.content.decode() and BRIEF["prompt"] in page.content.decode()


def test_a_viewer_cannot_write_with_ai(client, vera, channels):
    client.force_login(vera)
    assert client.get(reverse("compose")).status_code == 302
    (news,) = events(client.post(reverse("compose_stream"), {**BRIEF, "networks": ["mastodon"]}))
    assert news["kind"] == "error"
    assert not SocialPost.objects.exists()
