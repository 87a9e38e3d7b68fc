"""What goes over the wire to a Mastodon server, and what becomes of every kind of answer."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from publishing.adapters import adapter_for
from publishing.connecting import ConnectionFailed, connect_mastodon, server_address
from publishing.delivering import deliver_due
from publishing.errors import OutcomeUnknown, ReconnectNeeded, Rejected, TryLater
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.messages import Link, Media, Message, Poll, PublishedSegment, Segment
from publishing.models import Channel, Delivery
from publishing.tests.loopback import Loopback

STATUSES = "POST /api/v1/statuses"
HELLO = Message(segments=(Segment(text="Good morning"),))


@pytest.fixture
def server():
    server = Loopback({STATUSES: (200, "mastodon/status.json")})
    yield server
    server.close()


@pytest.fixture
def channel(server):
    return Channel(
        network="mastodon",
        base_url=server.url,
        remote_id="1",
        name="Acme",
        credentials={"access_token": "s3cret-token"},
    )


def publish(channel, message=HELLO, **kwargs):
    return adapter_for(channel).publish(message, idempotency_key="key", **kwargs)


def picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return default_storage.save("square.png", ContentFile(file.getvalue()))


# Sending


def test_a_text_is_sent_with_key_language_and_visibility(channel, server):
    message = Message(segments=HELLO.segments, language="de", options={"visibility": "unlisted", "spoiler_text": "hm"})
    published = publish(channel, message)
    (call,) = server.calls("POST", "/api/v1/statuses")
    assert call.form["status"] == "Good morning"
    assert (call.form["language"], call.form["visibility"], call.form["spoiler_text"]) == ("de", "unlisted", "hm")
    assert call.headers["Idempotency-Key"] == "key-0"
    assert call.headers["Authorization"] == "Bearer s3cret-token"
    assert published.remote_id == "113000000000000001"
    assert published.permalink == "https://mastodon.example/@acme/113000000000000001"


def test_a_link_stands_in_the_text_where_mastodon_makes_its_card_of_it(channel, server):
    publish(channel, Message(segments=(Segment(text="Read", link=Link(url="https://example.org/a")),)))
    assert server.record[0].form["status"] == "Read\n\nhttps://example.org/a"


def test_a_thread_replies_to_itself_and_tells_each_segment(channel, server):
    server.routes[STATUSES] = [(200, "mastodon/status.json"), (200, "mastodon/reply.json")]
    told = []
    message = Message(segments=(Segment(text="Good morning"), Segment(text="and a second thing")))
    publish(channel, message, on_progress=told.append)
    first, second = server.calls("POST", "/api/v1/statuses")
    assert "in_reply_to_id" not in first.form
    assert second.form["in_reply_to_id"] == "113000000000000001"
    assert second.headers["Idempotency-Key"] == "key-1"
    assert [segment.remote_id for segment in told] == ["113000000000000001", "113000000000000002"]


def test_a_thread_resumes_after_what_is_out(channel, server):
    server.routes[STATUSES] = (200, "mastodon/reply.json")
    message = Message(segments=(Segment(text="Good morning"), Segment(text="and a second thing")))
    publish(channel, message, progress=[PublishedSegment(remote_id="113000000000000001")])
    (call,) = server.record
    assert call.form["status"] == "and a second thing"
    assert call.form["in_reply_to_id"] == "113000000000000001"


def test_a_picture_goes_up_with_its_alternative_text_and_focus_and_is_waited_for(channel, server, monkeypatch):
    monkeypatch.setattr("publishing.adapters.mastodon.time.sleep", lambda seconds: None)
    server.routes["POST /api/v2/media"] = (202, "mastodon/media_processing.json")
    server.routes["GET /api/v1/media/22348641"] = [
        (206, "mastodon/media_processing.json"),
        (200, "mastodon/media_ready.json"),
    ]
    media = Media(kind="image", path=picture(), mime_type="image/png", alt="A red square", focal_point=(0.75, 0.75))
    publish(channel, Message(segments=(Segment(text="Look", media=(media,)),)))
    upload = server.calls("POST", "/api/v2/media")[0].form
    assert upload["description"] == "A red square"
    assert upload["focus"] == "0.5,-0.5"
    assert upload["file"][0] == "image/png"
    assert len(server.calls("GET", "/api/v1/media/22348641")) == 2
    assert server.calls("POST", "/api/v1/statuses")[0].form["media_ids[]"] == "22348641"


def test_a_poll_is_sent_in_seconds(channel, server):
    poll = Poll(options=("Tea", "Coffee"), minutes=60)
    publish(channel, Message(segments=(Segment(text="What?", poll=poll),)))
    assert server.record[0].json["poll"]["options"] == ["Tea", "Coffee"]
    assert server.record[0].json["poll"]["expires_in"] == 3600
    assert "sensitive" not in server.record[0].json, "which would be a string where JSON has a boolean"


def test_the_log_keeps_what_was_said_but_no_secret(channel, server):
    adapter = adapter_for(channel)
    adapter.publish(HELLO, idempotency_key="key")
    (exchange,) = adapter.exchanges
    assert (exchange["method"], exchange["status"], exchange["sent"]["status"]) == ("POST", 200, "Good morning")
    assert "s3cret-token" not in repr(adapter.exchanges)


# Errors


def test_a_refusal_carries_the_networks_own_words(channel, server):
    server.routes[STATUSES] = (422, "mastodon/too_long.json")
    with pytest.raises(Rejected, match="character limit of 500"):
        publish(channel)


@pytest.mark.parametrize(
    ("answer", "words"),
    [((401, "mastodon/token_invalid.json"), "access token is invalid"), ((400, b"Invalid Bearer token"), "Bearer")],
    ids=["Mastodon", "Takahe"],
)
def test_an_invalid_token_asks_for_a_new_connection(channel, server, answer, words):
    server.routes[STATUSES] = answer
    with pytest.raises(ReconnectNeeded, match=words):
        publish(channel)


def test_a_rate_limit_carries_the_time_at_which_the_network_takes_more(channel, server):
    reset = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    server.routes[STATUSES] = (429, {"error": "Too many requests"}, headers)
    with pytest.raises(TryLater) as caught:
        publish(channel)
    assert 290 < caught.value.retry_after <= 300


def test_maintenance_is_tried_later_for_it_surely_was_not_sent(channel, server):
    server.routes[STATUSES] = (503, {"error": "Down"}, {"Retry-After": "120"})
    with pytest.raises(TryLater) as caught:
        publish(channel)
    assert caught.value.retry_after == 120


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_error_of_the_server_leaves_the_outcome_unknown(channel, server, status):
    server.routes[STATUSES] = (status, {"error": "oops"})
    with pytest.raises(OutcomeUnknown):
        publish(channel)


@pytest.mark.parametrize("answer", [Loopback.SILENCE, (200, b"\x00\xff<html>"), (200, {})])
def test_no_answer_to_the_post_or_garbage_leaves_the_outcome_unknown(channel, server, answer):
    server.routes[STATUSES] = answer
    with pytest.raises(OutcomeUnknown):
        publish(channel)


def test_no_answer_to_an_upload_is_harmless(channel, server):
    server.routes["POST /api/v2/media"] = Loopback.SILENCE
    media = Media(kind="image", path=picture(), mime_type="image/png", decorative=True)
    with pytest.raises(TryLater):
        publish(channel, Message(segments=(Segment(text="Look", media=(media,)),)))


def test_a_server_that_cannot_be_reached_is_tried_later(channel, server):
    server.close()
    with pytest.raises(TryLater):
        publish(channel)


# Looking for it


def found(content, *, seconds=0, **more):
    created = timezone.now() + timedelta(seconds=seconds)
    return {
        "id": "7",
        "created_at": created.isoformat(),
        "in_reply_to_id": None,
        "content": content,
        "url": "u",
        **more,
    }


def test_a_post_is_found_by_its_text_as_the_server_shows_it(channel, server):
    shown = (
        "<p>Hi <span class='h-card'><a href='https://b.example/@bob'>@<span>bob</span></a></span> see "
        '<a href="https://example.org/a/long/path"><span class="invisible">https://</span><span class="ellipsis">'
        'example.org/a/lo</span><span class="invisible">ng/path</span></a> &amp; more</p><p>Second</p>'
    )
    pages = [(200, [found("<p>Something else</p>"), found(shown)]), (200, [])]
    server.routes["GET /api/v1/accounts/1/statuses"] = pages
    message = Message(
        segments=(Segment(text="Hi @bob@b.example see https://example.org/a/long/path & more\n\nSecond"),)
    )
    published = adapter_for(channel).find(message, idempotency_key="key", since=timezone.now())
    assert published.remote_id == "7"


def test_a_post_from_before_the_attempt_is_not_taken_for_it(channel, server):
    server.routes["GET /api/v1/accounts/1/statuses"] = (200, [found("<p>Good morning</p>", seconds=-3600)])
    assert adapter_for(channel).find(HELLO, idempotency_key="key", since=timezone.now()) is None


@pytest.mark.django_db
def test_after_no_answer_the_post_is_looked_for_and_not_sent_twice(acme, server):
    channel = ChannelFactory(
        organization=acme, sandbox=False, base_url=server.url, remote_id="1", credentials={"access_token": "t"}
    )
    delivery = DeliveryFactory(channel=channel)
    server.routes[STATUSES] = Loopback.SILENCE
    server.routes["GET /api/v1/accounts/1/statuses"] = [(200, [found("<p>Good morning</p>")]), (200, [])]
    deliver_due()
    Delivery.objects.update(next_attempt_at=timezone.now())
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.remote_id) == (Delivery.State.PUBLISHED, "7")
    assert len(server.calls("POST", "/api/v1/statuses")) == 1


# Connecting


@pytest.mark.django_db
def test_connecting_reads_the_account_and_the_servers_own_limits(acme, alice, server):
    server.routes["GET /api/v1/accounts/verify_credentials"] = (200, "mastodon/account.json")
    server.routes["GET /api/v2/instance"] = (200, "mastodon/instance.json")
    channel = connect_mastodon(acme, server=server.url, access_token=" abc ", user=alice)
    assert (channel.name, channel.remote_id) == ("Acme Ltd", "14715")
    assert channel.limits["max_characters"] == 5000
    assert Channel.objects.get().credentials == {"access_token": "abc"}
    again = connect_mastodon(acme, server=server.url, access_token="new", user=alice)
    assert again.pk == channel.pk


@pytest.mark.django_db
def test_a_wrong_token_is_explained(acme, alice, server):
    server.routes["GET /api/v1/accounts/verify_credentials"] = (401, "mastodon/token_invalid.json")
    with pytest.raises(ConnectionFailed, match="access token is invalid"):
        connect_mastodon(acme, server=server.url, access_token="abc", user=alice)


@pytest.mark.parametrize(
    "entered", ["mastodon.social", "https://mastodon.social/", "@me@mastodon.social", "https://x@mastodon.social"]
)
def test_a_server_may_be_entered_in_many_ways(entered):
    assert server_address(entered) == "https://mastodon.social"


@pytest.mark.parametrize("entered", ["ftp://mastodon.social", "file:///etc/passwd", "", "http://mastodon.social"])
def test_what_is_no_server_is_refused(entered, settings):
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(ConnectionFailed):
        server_address(entered)


def test_a_server_on_a_private_address_is_never_called(channel, server, settings):
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False
    channel.base_url = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(Rejected, match="not on the public internet"):
        publish(channel)
    assert server.record == []


@pytest.mark.django_db
def test_a_server_that_knows_only_the_older_address_tells_its_limits_there(acme, alice, server):
    server.routes["GET /api/v1/accounts/verify_credentials"] = (200, "mastodon/account.json")
    server.routes["GET /api/v1/instance"] = (200, "mastodon/instance.json")
    channel = connect_mastodon(acme, server=server.url, access_token="abc", user=alice)
    assert channel.limits["max_characters"] == 5000
