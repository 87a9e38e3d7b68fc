"""What goes over the wire to X, and what becomes of every kind of answer."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from publishing.adapters import adapter_for
from publishing.delivering import deliver_due
from publishing.errors import OutcomeUnknown, ReconnectNeeded, Rejected, TryLater
from publishing.factories import DeliveryFactory
from publishing.messages import Link, Media, Message, Poll, PublishedSegment, Segment
from publishing.models import Channel, Delivery
from publishing.tests.loopback import Loopback

POST = "POST /2/tweets"
OWN = "GET /2/users/2244994945/tweets"
TOKEN = "POST /2/oauth2/token"
HELLO = Message(segments=(Segment(text="Good morning"),))


@pytest.fixture
def server(settings):
    server = Loopback({POST: [(201, "x/first.json"), (201, "x/second.json")]})
    settings.X_API_BASE = server.url
    settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "client", "client-secret"
    yield server
    server.close()


def channel_of(organization=None):
    return Channel(
        organization=organization,
        network="x",
        name="Acme",
        remote_id="2244994945",
        handle="@acme",
        credentials={"access_token": "old-access", "refresh_token": "old-refresh"},
        token_expires_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def channel(server):
    return channel_of()


def publish(channel, message=HELLO, **kwargs):
    return adapter_for(channel).publish(message, idempotency_key="key", **kwargs)


# Sending


def test_a_text_is_sent(channel, server):
    published = publish(channel)
    assert server.record[0].json == {"text": "Good morning"}
    assert server.record[0].headers["Authorization"] == "Bearer old-access"
    assert published.permalink == "https://x.com/acme/status/1990000000000000001"


def test_a_thread_replies_to_itself_and_resumes_where_it_stopped(channel, server):
    thread = Message(segments=(Segment(text="Good morning"), Segment(text="two")))
    publish(channel, thread)
    assert server.record[1].json["reply"] == {"in_reply_to_tweet_id": "1990000000000000001"}
    server.record.clear()
    publish(channel, thread, progress=[PublishedSegment(remote_id="77")])
    (call,) = server.record
    assert (call.json["text"], call.json["reply"]) == ("two", {"in_reply_to_tweet_id": "77"})


def test_a_poll_is_sent(channel, server):
    publish(channel, Message(segments=(Segment(text="What?", poll=Poll(options=("Tea", "Coffee"), minutes=60)),)))
    assert server.record[0].json["poll"] == {"options": ["Tea", "Coffee"], "duration_minutes": 60}


def test_media_goes_up_in_chunks_is_waited_for_and_described(channel, server, monkeypatch):
    monkeypatch.setattr("publishing.adapters.x.time.sleep", lambda seconds: None)
    upload = "/2/media/upload"
    server.routes |= {
        f"POST {upload}/initialize": (200, "x/media_begun.json"),
        f"POST {upload}/1880028106020515840/append": (200, {"data": {}}),
        f"POST {upload}/1880028106020515840/finalize": (200, "x/media_processing.json"),
        f"GET {upload}": [(200, "x/media_processing.json"), (200, "x/media_ready.json")],
        "POST /2/media/metadata": (200, {"data": {}}),
    }
    content = bytes(range(256)) * 6000  # one and a half megabytes
    path = default_storage.save("clip.mp4", ContentFile(content))
    media = Media(kind="video", path=path, mime_type="video/mp4", alt="A wave")
    publish(channel, Message(segments=(Segment(text="Look", media=(media,)),)))
    begun = server.calls("POST", f"{upload}/initialize")[0].json
    assert begun == {"media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": len(content)}
    chunks = [call.form for call in server.calls("POST", f"{upload}/1880028106020515840/append")]
    assert [chunk["segment_index"] for chunk in chunks] == ["0", "1"]
    assert b"".join(chunk["media"][1] for chunk in chunks) == content
    described = server.calls("POST", "/2/media/metadata")[0].json
    assert described == {"id": "1880028106020515840", "metadata": {"alt_text": {"text": "A wave"}}}
    assert server.calls("POST", "/2/tweets")[0].json["media"] == {"media_ids": ["1880028106020515840"]}


# Errors


def own(text, *, minutes=0, **more):
    created = timezone.now() - timedelta(minutes=minutes)
    return {"id": "5", "text": text, "created_at": created.strftime("%Y-%m-%dT%H:%M:%S.000Z"), **more}


def test_a_duplicate_of_just_now_is_the_post_itself(channel, server):
    server.routes[POST] = (403, "x/duplicate.json")
    server.routes[OWN] = (200, {"data": [own("Good morning", minutes=1)]})
    assert publish(channel).remote_id == "5"


def test_a_duplicate_of_an_older_post_is_refused(channel, server):
    server.routes[POST] = (403, "x/duplicate.json")
    server.routes[OWN] = (200, {"data": [own("Good morning", minutes=60)]})
    with pytest.raises(Rejected, match="posted before"):
        publish(channel)


def test_a_rate_limit_carries_the_networks_reset(channel, server):
    reset = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(timezone.now().timestamp()) + 300)}
    server.routes[POST] = (429, {"title": "Too Many Requests"}, reset)
    with pytest.raises(TryLater) as caught:
        publish(channel)
    assert 290 < caught.value.retry_after <= 300


@pytest.mark.parametrize("answer", [(500, {}), Loopback.SILENCE])
def test_no_proper_answer_leaves_the_outcome_unknown(channel, server, answer):
    server.routes[POST] = answer
    with pytest.raises(OutcomeUnknown):
        publish(channel)


@pytest.mark.django_db
def test_after_no_answer_the_post_is_found_as_x_shows_it_and_not_sent_twice(acme, server):
    channel = channel_of(acme)
    channel.save()
    text = "Read this & that https://example.org/a/long/path"
    delivery = DeliveryFactory(channel=channel, text=text)
    shown = own(
        "Read this &amp; that https://t.co/abc https://t.co/pic",
        entities={
            "urls": [
                {"url": "https://t.co/abc", "expanded_url": "https://example.org/a/long/path"},
                {"url": "https://t.co/pic", "expanded_url": "https://x.com/acme/photo/1", "media_key": "3_1"},
            ]
        },
    )
    server.routes[POST] = Loopback.SILENCE
    server.routes[OWN] = (200, {"data": [own("Something else"), shown]})
    deliver_due()
    Delivery.objects.update(next_attempt_at=timezone.now())
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.remote_id) == (Delivery.State.PUBLISHED, "5")
    assert len(server.calls("POST", "/2/tweets")) == 1


def test_a_link_is_in_the_text(channel, server):
    publish(channel, Message(segments=(Segment(text="Read", link=Link(url="https://example.org/")),)))
    assert server.record[0].json["text"] == "Read\n\nhttps://example.org/"


# Authorization


@pytest.mark.django_db
def test_a_token_that_ran_out_is_renewed_and_the_rotated_refresh_token_kept(acme, server):
    channel = channel_of(acme)
    channel.token_expires_at = timezone.now()
    channel.save()
    server.routes[TOKEN] = (200, "x/token.json")
    publish(channel)
    (renewal,) = server.calls("POST", "/2/oauth2/token")
    assert renewal.form == {"grant_type": "refresh_token", "refresh_token": "old-refresh", "client_id": "client"}
    assert renewal.headers["Authorization"].startswith("Basic ")
    stored = Channel.objects.get(pk=channel.pk)
    assert stored.credentials == {"access_token": "new-access", "refresh_token": "new-refresh"}
    assert stored.token_expires_at > timezone.now() + timedelta(hours=1)
    assert server.calls("POST", "/2/tweets")[0].headers["Authorization"] == "Bearer new-access"


@pytest.mark.django_db
def test_an_empty_refresh_token_never_replaces_a_stored_one(acme, server):
    channel = channel_of(acme)
    channel.save()
    server.routes[POST] = [(401, "x/unauthorized.json"), (201, "x/first.json")]
    server.routes[TOKEN] = (200, {"access_token": "new-access", "expires_in": 7200, "refresh_token": ""})
    publish(channel)
    assert Channel.objects.get(pk=channel.pk).credentials["refresh_token"] == "old-refresh"


@pytest.mark.django_db
def test_a_withdrawn_authorization_asks_for_a_new_connection(acme, server):
    channel = channel_of(acme)
    channel.save()
    server.routes[POST] = (401, "x/unauthorized.json")
    server.routes[TOKEN] = (400, "x/token_invalid.json")
    with pytest.raises(ReconnectNeeded, match="token was invalid"):
        publish(channel)


# Connecting


@pytest.mark.django_db
def test_connecting_goes_to_x_and_comes_back_with_an_account(client, alice, acme, server):
    client.force_login(alice)
    server.routes |= {TOKEN: (200, "x/token.json"), "GET /2/users/me": (200, "x/me.json")}
    away = client.get(reverse("channel_authorize", args=["x"])).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"]
    client.get(reverse("channel_authorized", args=["x"]), {"state": asked["state"], "code": "the-code"})
    channel = Channel.objects.get()
    assert (channel.handle, channel.remote_id, channel.organization) == ("@acme", "2244994945", acme)
    assert channel.credentials == {"access_token": "new-access", "refresh_token": "new-refresh"}
    exchange = server.calls("POST", "/2/oauth2/token")[0].form
    assert (exchange["code"], exchange["redirect_uri"]) == ("the-code", asked["redirect_uri"])


@pytest.mark.django_db
def test_an_answer_that_nobody_asked_for_connects_nothing(client, alice, acme, server):
    client.force_login(alice)
    client.get(reverse("channel_authorize", args=["x"]))
    page = client.get(reverse("channel_authorized", args=["x"]), {"state": "forged", "code": "c"}, follow=True)
    assert "does not belong to a connection begun here" in page.content.decode()
    assert not Channel.objects.exists()


@pytest.mark.django_db
def test_without_keys_the_page_says_what_to_set_and_where_to_get_it(client, alice, acme, settings):
    settings.X_CLIENT_ID = settings.X_CLIENT_SECRET = ""
    client.force_login(alice)
    page = client.get(reverse("channel_connect")).content.decode()
    assert "X_CLIENT_ID" in page and "X_CLIENT_SECRET" in page
    assert "developer.x.com" in page
