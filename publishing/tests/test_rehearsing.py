"""Dry runs show exactly what would be sent, and send nothing; test posts reach nobody but oneself."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from organizations.problems import Conflict
from publishing import rehearsing, suspending
from publishing.adapters import adapter_for, wire
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.messages import Link, Media, Message, Segment
from publishing.models import Channel, SandboxPost
from publishing.tests.loopback import Loopback

pytestmark = pytest.mark.django_db
NETWORKS = ("x", "linkedin", "instagram", "bluesky", "mastodon")


@pytest.fixture
def no_way_out(monkeypatch):
    def refuse():
        raise AssertionError("a dry run reached for the network")

    monkeypatch.setattr(wire, "connections", refuse)


def picture():
    path = default_storage.save("square.jpg", ContentFile(b"jpeg"))
    return Media(kind="image", path=path, mime_type="image/jpeg", title="Square", alt="A red square", width=9, height=9)


def whole():
    return Message(segments=(Segment(text="Look #here", media=(picture(),)),), first_comment="Read on")


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_can_be_rehearsed_with_media_and_comment(acme, network, no_way_out):
    channel = ChannelFactory(organization=acme, network=network)
    rehearsal = rehearsing.rehearse(channel, whole())
    assert rehearsal.problem == (
        "“Square” is 9 pixels wide; Instagram asks for at least 320." * (network == "instagram")
    )
    sent = repr(rehearsal.requests)
    assert "Look" in sent and "A red square" in sent and "Read on" in sent
    assert all(urlsplit(request["url"]).scheme == "https" for request in rehearsal.requests)
    assert SandboxPost.objects.count() == 0


@pytest.mark.parametrize("network", ["x", "linkedin", "bluesky", "mastodon"])
def test_what_is_shown_is_what_is_sent(acme, network, settings):
    answers = {
        "POST /2/tweets": (201, "x/first.json"),
        "POST /rest/posts": (201, {}, {"x-restli-id": "urn:li:share:1"}),
        "POST /xrpc/com.atproto.repo.putRecord": (200, "bluesky/first.json"),
        "POST /api/v1/statuses": (200, "mastodon/status.json"),
    }
    server = Loopback(answers)
    settings.X_API_BASE = settings.LINKEDIN_API_BASE = server.url
    channel = ChannelFactory(
        organization=acme,
        network=network,
        sandbox=False,
        base_url=server.url if network in ("bluesky", "mastodon") else "",
        remote_id="did:plc:acme",
        credentials={"access_token": "s3cret", "access_jwt": "s3cret", "refresh_token": "s3cret-2"},
    )
    message = Message(segments=(Segment(text="Read (it)", link=Link(url="https://example.org/a", title="A")),))
    shown = rehearsing.rehearse(channel, message, idempotency_key="the-key").requests
    assert server.record == []
    adapter = adapter_for(channel)
    adapter.publish(message, idempotency_key="the-key")
    server.close()
    for request, exchange, call in zip(shown, adapter.exchanges, server.record, strict=True):
        assert (request["method"], request["url"]) == (exchange["method"], exchange["url"])
        assert without_moment(request["sent"]) == without_moment(exchange["sent"])
        sent = {name.lower(): value for name, value in call.headers.items()}
        for name, value in request["headers"].items():
            assert sent[name.lower()] == value or name == "Authorization"
        assert request["headers"]["Authorization"] == "Bearer …"
    assert "s3cret" not in repr(shown)


def without_moment(body):
    if isinstance(body, dict) and "record" in body:
        return {**body, "record": {**body["record"], "createdAt": ""}}
    return body


def test_a_token_that_has_run_out_is_not_renewed_for_a_dry_run(acme, no_way_out):
    channel = ChannelFactory(
        organization=acme,
        network="x",
        sandbox=False,
        credentials={"access_token": "old", "refresh_token": "r"},
        token_expires_at=timezone.now() - timedelta(days=1),
    )
    rehearsing.rehearse(channel, Message(segments=(Segment(text="Hi"),)))
    stored = Channel.objects.get(pk=channel.pk)
    assert stored.credentials == {"access_token": "old", "refresh_token": "r"}
    assert channel.credentials == stored.credentials


def test_what_the_network_would_refuse_is_said(acme, no_way_out):
    channel = ChannelFactory(organization=acme, network="x")
    rehearsal = rehearsing.rehearse(channel, Message(segments=(Segment(text="long " * 100),)))
    assert "takes 280" in rehearsal.problem
    gone = Media(kind="image", path="gone.png", mime_type="image/png", title="Gone", alt="A")
    rehearsal = rehearsing.rehearse(channel, Message(segments=(Segment(text="Hi", media=(gone,)),)))
    assert "no longer in the library" in rehearsal.problem


# Test posts


def test_a_test_post_on_mastodon_is_seen_by_nobody_else(acme):
    server = Loopback({"POST /api/v1/statuses": (200, "mastodon/status.json")})
    channel = ChannelFactory(
        organization=acme, sandbox=False, base_url=server.url, remote_id="1", credentials={"access_token": "t"}
    )
    out = rehearsing.send_test(channel, text="Is this on?")
    server.close()
    assert server.record[0].form["visibility"] == "direct"
    assert out.permalink


def test_where_everybody_would_see_it_none_is_sent(acme, no_way_out):
    channel = ChannelFactory(organization=acme, network="x", sandbox=False)
    with pytest.raises(rehearsing.TestFailed, match="dry run instead"):
        rehearsing.send_test(channel, text="Hi")


def test_nothing_leaves_while_publishing_is_suspended(acme, alice):
    channel = ChannelFactory(organization=acme)
    suspending.suspend_publishing(acme, user=alice)
    with pytest.raises(Conflict):
        rehearsing.send_test(channel, text="Hi")
    assert SandboxPost.objects.count() == 0


# In the studio and the API


def test_the_pages_show_the_requests(client, alice, acme):
    channel = ChannelFactory(organization=acme, network="linkedin")
    delivery = DeliveryFactory(channel=channel, text="Good <b>morning</b>")
    client.force_login(alice)
    page = client.get(reverse("delivery_dry_run", args=[delivery.pk])).content.decode()
    assert "https://api.linkedin.com/rest/posts" in page
    assert "LinkedIn-Version: " in page and "Bearer …" in page
    assert "<b>morning" not in page
    page = client.post(reverse("channel_try", args=[channel.pk]), {"text": "Once"}).content.decode()
    assert "&quot;commentary&quot;: &quot;Once&quot;" in page
    client.post(reverse("channel_try", args=[channel.pk]), {"text": "Twice", "send": "1"})
    assert SandboxPost.objects.get().text == "Twice"


def test_an_outsider_finds_nothing_and_a_viewer_sends_nothing(client, charlie, globex, vera, acme):
    channel = ChannelFactory(organization=acme)
    delivery = DeliveryFactory(channel=channel)
    client.force_login(charlie)
    assert client.get(reverse("delivery_dry_run", args=[delivery.pk])).status_code == 404
    assert client.get(reverse("channel_try", args=[channel.pk])).status_code == 404
    assert client.post(reverse("channel_try", args=[channel.pk]), {"text": "x", "send": "1"}).status_code == 404
    client.force_login(vera)
    client.post(reverse("channel_try", args=[channel.pk]), {"text": "x", "send": "1"})
    assert client.get(reverse("delivery_dry_run", args=[delivery.pk])).status_code == 200
    assert SandboxPost.objects.count() == 0
