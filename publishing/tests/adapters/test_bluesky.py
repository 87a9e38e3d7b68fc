"""What goes over the wire to a Bluesky server, and what becomes of every kind of answer."""

import io
import re
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from uuid_utils.compat import uuid7

from publishing.adapters import adapter_for
from publishing.adapters.bluesky import facets_of, record_key
from publishing.connecting import ConnectionFailed, connect_bluesky
from publishing.errors import OutcomeUnknown, ReconnectNeeded, Rejected, TryLater
from publishing.factories import ChannelFactory
from publishing.messages import Link, Media, Message, PublishedSegment, Segment
from publishing.models import Channel
from publishing.tests.loopback import REPLIES, Loopback

PUT = "POST /xrpc/com.atproto.repo.putRecord"
HELLO = Message(segments=(Segment(text="Good morning"),), language="de")
KEY = str(uuid7())


@pytest.fixture
def server():
    server = Loopback({PUT: [(200, "bluesky/first.json"), (200, "bluesky/second.json")]})
    yield server
    server.close()


def channel_on(server, **more):
    return Channel(
        network="bluesky",
        base_url=server.url,
        remote_id="did:plc:acme",
        handle="@acme.bsky.social",
        credentials={"access_jwt": "old-access", "refresh_jwt": "old-refresh", "app_password": "abcd-efgh"},
        **more,
    )


@pytest.fixture
def channel(server):
    return channel_on(server)


def publish(channel, message=HELLO, **kwargs):
    return adapter_for(channel).publish(message, idempotency_key=KEY, **kwargs)


def record_of(server, index=0):
    return server.calls("POST", "/xrpc/com.atproto.repo.putRecord")[index].json["record"]


def picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return default_storage.save("square.png", ContentFile(file.getvalue()))


# Sending


def test_a_post_is_a_record_whose_key_follows_from_its_delivery(channel, server):
    published = publish(channel)
    call = server.record[0]
    assert call.headers["Authorization"] == "Bearer old-access"
    assert (call.json["repo"], call.json["collection"]) == ("did:plc:acme", "app.bsky.feed.post")
    assert call.json["rkey"] == record_key(KEY, 0)
    assert call.json["record"]["text"] == "Good morning"
    assert call.json["record"]["langs"] == ["de"]
    assert published.remote_id == "at://did:plc:acme/app.bsky.feed.post/3first"
    assert published.permalink == f"https://bsky.app/profile/acme.bsky.social/post/{record_key(KEY, 0)}"


def test_record_keys_are_valid_stable_and_different():
    keys = [record_key(str(uuid7()), index) for _delivery in range(200) for index in range(5)]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", key) for key in keys)
    assert record_key(KEY, 1) == record_key(KEY, 1)
    assert re.fullmatch(r"[2-7a-j][2-7a-z]{12}", record_key(str(uuid4()), 0))


def test_a_thread_names_root_and_parent_with_their_hashes(channel, server):
    told = []
    publish(channel, Message(segments=(Segment(text="one"), Segment(text="two"))), on_progress=told.append)
    first = {"uri": "at://did:plc:acme/app.bsky.feed.post/3first", "cid": "bafyreifirst"}
    assert record_of(server, 1)["reply"] == {"root": first, "parent": first}
    assert [segment.extra["cid"] for segment in told] == ["bafyreifirst", "bafyreisecond"]


def test_a_thread_resumes_after_what_is_out(channel, server):
    out = PublishedSegment(remote_id="at://x/y/z", extra={"cid": "bafyout"})
    publish(channel, Message(segments=(Segment(text="one"), Segment(text="two"))), progress=[out])
    assert record_of(server)["text"] == "two"
    assert record_of(server)["reply"]["parent"] == {"uri": "at://x/y/z", "cid": "bafyout"}


def test_pictures_go_up_with_alternative_text_and_shape(channel, server):
    server.routes["POST /xrpc/com.atproto.repo.uploadBlob"] = (200, "bluesky/blob.json")
    media = Media(kind="image", path=picture(), mime_type="image/png", alt="A red square", width=8, height=8)
    publish(channel, Message(segments=(Segment(text="Look", media=(media,)),)))
    upload = server.calls("POST", "/xrpc/com.atproto.repo.uploadBlob")[0]
    assert upload.headers["Content-Type"] == "image/png"
    assert upload.body.startswith(b"\x89PNG")
    embed = record_of(server)["embed"]
    assert embed["$type"] == "app.bsky.embed.images"
    assert embed["images"][0]["alt"] == "A red square"
    assert embed["images"][0]["image"]["ref"] == {"$link": "bafkreiblob"}
    assert embed["images"][0]["aspectRatio"] == {"width": 8, "height": 8}


def test_a_link_becomes_a_card(channel, server):
    link = Link(url="https://example.org/a", title="A title", description="More")
    publish(channel, Message(segments=(Segment(text="Read", link=link),)))
    assert record_of(server)["text"] == "Read"
    card = {"uri": "https://example.org/a", "title": "A title", "description": "More"}
    assert record_of(server)["embed"] == {"$type": "app.bsky.embed.external", "external": card}


def test_facets_count_bytes_and_cover_exactly_what_they_name(channel, server):
    server.routes["GET /xrpc/com.atproto.identity.resolveHandle"] = (200, "bluesky/handle.json")
    text = "Grüße 👩‍👩‍👧 @bob.example.org, see (https://example.org/ä?b=1). #Düsseldorf! #1"
    publish(channel, Message(segments=(Segment(text=text),)))
    covered = {}
    for facet in record_of(server)["facets"]:
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert 0 <= start < end <= len(text.encode())
        covered[text.encode()[start:end].decode()] = facet["features"][0]
    assert covered == {
        "@bob.example.org": {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:bob"},
        "https://example.org/ä?b=1": {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/ä?b=1"},
        "#Düsseldorf": {"$type": "app.bsky.richtext.facet#tag", "tag": "Düsseldorf"},
    }


def test_a_handle_that_nobody_has_stays_plain_text():
    assert facets_of("Hi @nobody.example.org", lambda handle: None) == []


# Authorization


@pytest.mark.django_db
def test_a_token_that_ran_out_is_renewed_once_and_kept(acme, server):
    channel = channel_on(server, organization=acme, name="Acme")
    channel.save()
    server.routes[PUT] = [(400, "bluesky/expired.json"), (200, "bluesky/first.json")]
    server.routes["POST /xrpc/com.atproto.server.refreshSession"] = (200, "bluesky/session.json")
    publish(channel)
    assert (
        server.calls("POST", "/xrpc/com.atproto.server.refreshSession")[0]
        .headers["Authorization"]
        .endswith("old-refresh")
    )
    stored = Channel.objects.get(pk=channel.pk).credentials
    assert stored == {"access_jwt": "new-access", "refresh_jwt": "new-refresh", "app_password": "abcd-efgh"}


@pytest.mark.django_db
def test_who_comes_second_takes_the_token_that_the_first_got(acme, server):
    channel = channel_on(server, organization=acme, name="Acme")
    channel.save()
    late = Channel.objects.get(pk=channel.pk)
    Channel.objects.filter(pk=channel.pk).update(
        credentials={"access_jwt": "newer", "refresh_jwt": "r", "app_password": "p"}
    )
    server.routes[PUT] = [(400, "bluesky/expired.json"), (200, "bluesky/first.json")]
    publish(late)
    assert [call.headers["Authorization"] for call in server.record] == ["Bearer old-access", "Bearer newer"]


@pytest.mark.django_db
def test_a_withdrawn_app_password_asks_for_a_new_connection(acme, server):
    channel = channel_on(server, organization=acme, name="Acme")
    channel.save()
    server.routes[PUT] = (400, "bluesky/expired.json")
    server.routes["POST /xrpc/com.atproto.server.refreshSession"] = (400, "bluesky/expired.json")
    server.routes["POST /xrpc/com.atproto.server.createSession"] = (401, "bluesky/wrong_password.json")
    with pytest.raises(ReconnectNeeded, match="Invalid identifier or password"):
        publish(channel)
    assert Channel.objects.get(pk=channel.pk).credentials["refresh_jwt"] == "old-refresh"


# Errors


def test_a_refusal_carries_the_networks_own_words(channel, server):
    server.routes[PUT] = (400, "bluesky/too_long.json")
    with pytest.raises(Rejected, match="300 graphemes"):
        publish(channel)


def test_a_rate_limit_is_honoured(channel, server):
    server.routes[PUT] = (429, {"error": "RateLimitExceeded"}, {"Retry-After": "77"})
    with pytest.raises(TryLater) as caught:
        publish(channel)
    assert caught.value.retry_after == 77


def test_no_answer_leaves_the_outcome_unknown(channel, server):
    server.routes[PUT] = Loopback.SILENCE
    with pytest.raises(OutcomeUnknown):
        publish(channel)


def test_a_post_is_found_by_its_record_key(channel, server):
    server.routes["GET /xrpc/com.atproto.repo.getRecord"] = (200, "bluesky/first.json")
    found = adapter_for(channel).find(HELLO, idempotency_key=KEY, since=timezone.now())
    assert found.remote_id == "at://did:plc:acme/app.bsky.feed.post/3first"
    assert server.record[0].query["rkey"] == record_key(KEY, 0)


def test_a_post_that_is_not_there_is_not_found(channel, server):
    server.routes["GET /xrpc/com.atproto.repo.getRecord"] = (400, "bluesky/not_found.json")
    assert adapter_for(channel).find(HELLO, idempotency_key=KEY, since=timezone.now()) is None


def test_the_log_keeps_no_secret(channel, server):
    adapter = adapter_for(channel)
    adapter.publish(HELLO, idempotency_key=KEY)
    assert "old-access" not in repr(adapter.exchanges)


# Connecting


@pytest.mark.django_db
def test_connecting_finds_the_accounts_own_server(acme, alice, server):
    said = (REPLIES / "bluesky/session.json").read_text().replace('"PDS"', f'"{server.url}"')
    server.routes["POST /xrpc/com.atproto.server.createSession"] = (200, said.encode())
    channel = connect_bluesky(acme, handle="@acme.bsky.social", app_password="abcd", server=server.url, user=alice)
    assert (channel.remote_id, channel.handle, channel.base_url) == ("did:plc:acme", "@acme.bsky.social", server.url)
    assert server.record[0].json == {"identifier": "acme.bsky.social", "password": "abcd"}


@pytest.mark.django_db
def test_a_wrong_app_password_is_explained(acme, alice, server):
    server.routes["POST /xrpc/com.atproto.server.createSession"] = (401, "bluesky/wrong_password.json")
    with pytest.raises(ConnectionFailed, match="Invalid identifier or password"):
        connect_bluesky(acme, handle="acme", app_password="no", server=server.url, user=alice)
    assert not ChannelFactory._meta.model.objects.exists()
