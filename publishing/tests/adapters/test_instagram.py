"""What goes over the wire to Instagram, and what becomes of every kind of answer."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from publishing import reaching
from publishing.adapters import adapter_for
from publishing.delivering import deliver_due
from publishing.errors import OutcomeUnknown, ReconnectNeeded, Rejected, TryLater
from publishing.factories import DeliveryFactory
from publishing.messages import Media, Message, Published, PublishedSegment, Segment
from publishing.models import Channel, Delivery
from publishing.networks import rules_for
from publishing.tests.adapters.described import assert_described
from publishing.tests.loopback import Loopback

ACCOUNT = "17841400000000001"
CONTAINER, OUT = "17889455560051444", "17920238422030506"
V = "/v25.0"
MAKE, PUBLISH = f"POST {V}/{ACCOUNT}/media", f"POST {V}/{ACCOUNT}/media_publish"
STATE, OWN = f"GET {V}/{CONTAINER}", f"GET {V}/{ACCOUNT}/media"


@pytest.fixture
def server(settings):
    server = Loopback(
        {
            f"GET {V}/{ACCOUNT}/content_publishing_limit": (200, "instagram/limit.json"),
            MAKE: (200, "instagram/container.json"),
            STATE: (200, "instagram/finished.json"),
            PUBLISH: (200, "instagram/media.json"),
            f"GET {V}/{OUT}": (200, "instagram/permalink.json"),
        }
    )
    settings.INSTAGRAM_API_BASE = server.url
    settings.INSTAGRAM_APP_ID, settings.INSTAGRAM_APP_SECRET = "app", "app-secret"
    settings.BASE_URL = "https://studio.example.com"
    yield server
    server.close()
    assert_described("instagram", server.record)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("publishing.adapters.instagram.time.sleep", lambda seconds: None)


def channel_of(organization=None, **more):
    return Channel(
        organization=organization,
        **{
            "network": "instagram",
            "name": "Acme",
            "handle": "@acme",
            "remote_id": ACCOUNT,
            "credentials": {"access_token": "old-access", "login": "facebook"},
            **more,
        },
    )


@pytest.fixture
def channel(server):
    return channel_of()


def publish(channel, message, **kwargs):
    return adapter_for(channel).publish(message, idempotency_key="key", **kwargs)


def picture(name="a.jpg", **more):
    path = default_storage.save(name, ContentFile(b"jpeg"))
    return Media(kind="image", path=path, mime_type="image/jpeg", title=name, **more)


def said(*media, text="Good morning", **more):
    return Message(segments=(Segment(text=text, media=media),), **more)


def handle(hours=0):
    made = timezone.now() - timedelta(hours=hours)
    return PublishedSegment(remote_id=CONTAINER, extra={"made": made.isoformat()}, kind=PublishedSegment.HANDLE)


# Sending


def test_a_picture_becomes_a_container_and_the_container_is_published(channel, server):
    media, told = picture(alt="A red square"), []
    published = publish(channel, said(media), on_progress=told.append)
    made = server.calls("POST", f"{V}/{ACCOUNT}/media")[0]
    assert made.headers["Authorization"] == "Bearer old-access"
    assert (made.form["caption"], made.form["alt_text"]) == ("Good morning", "A red square")
    assert server.calls("POST", f"{V}/{ACCOUNT}/media_publish")[0].form == {"creation_id": CONTAINER}
    assert published.remote_id == OUT
    assert published.permalink == "https://www.instagram.com/p/CrUniq/"
    assert [(each.kind, each.remote_id) for each in told] == [("handle", CONTAINER), ("segment", OUT)]


@pytest.mark.django_db
def test_the_picture_can_be_fetched_from_its_address_without_a_log_in_and_not_with_another(channel, server, client):
    publish(channel, said(picture(alt="A")))
    address = server.calls("POST", f"{V}/{ACCOUNT}/media")[0].form["image_url"]
    assert address.startswith("https://studio.example.com/media/")
    path = address.removeprefix("https://studio.example.com")
    assert b"".join(client.get(path).streaming_content) == b"jpeg"
    assert client.get(path.partition("?")[0]).status_code == 404


def test_a_video_is_a_reel(channel, server):
    path = default_storage.save("clip.mp4", ContentFile(b"film"))
    publish(channel, said(Media(kind="video", path=path, mime_type="video/mp4")))
    form = server.calls("POST", f"{V}/{ACCOUNT}/media")[0].form
    assert form["media_type"] == "REELS"
    assert "/media/clip" in form["video_url"]


def test_several_are_a_carousel_whose_parts_are_ready_before_it_is_made(channel, server):
    server.routes[MAKE] = [(200, {"id": "101"}), (200, {"id": "102"}), (200, "instagram/container.json")]
    server.routes |= {
        f"GET {V}/101": [(200, "instagram/in_progress.json"), (200, "instagram/finished.json")],
        f"GET {V}/102": (200, "instagram/finished.json"),
    }
    publish(channel, said(picture(alt="One"), picture("b.jpg", alt="Two")))
    first, second, whole = (call.form for call in server.calls("POST", f"{V}/{ACCOUNT}/media"))
    assert (first["is_carousel_item"], first["alt_text"], second["alt_text"]) == ("true", "One", "Two")
    assert "caption" not in first
    assert whole == {"media_type": "CAROUSEL", "children": "101,102", "caption": "Good morning"}


def test_a_container_is_waited_for(channel, server):
    server.routes[STATE] = [(200, "instagram/in_progress.json")] * 2 + [(200, "instagram/finished.json")]
    publish(channel, said(picture(alt="A")))
    assert len(server.calls("GET", f"{V}/{CONTAINER}")) == 3


def test_an_earlier_container_is_used_again(channel, server):
    publish(channel, said(picture(alt="A")), progress=[handle(hours=2)])
    assert not server.calls("POST", f"{V}/{ACCOUNT}/media")
    assert len(server.calls("POST", f"{V}/{ACCOUNT}/media_publish")) == 1


def test_a_container_that_is_too_old_is_not(channel, server):
    publish(channel, said(picture(alt="A")), progress=[handle(hours=24)])
    assert len(server.calls("POST", f"{V}/{ACCOUNT}/media")) == 1


def test_a_container_that_is_published_already_is_not_published_again(channel, server):
    server.routes[STATE] = (200, "instagram/published.json")
    server.routes[OWN] = (200, {"data": [own("Good morning")]})
    assert publish(channel, said(picture(alt="A")), progress=[handle()]).remote_id == OUT
    assert not server.calls("POST", f"{V}/{ACCOUNT}/media_publish")


def test_the_first_comment_goes_under_the_post(channel, server):
    server.routes[f"POST {V}/{OUT}/comments"] = (200, {"id": "5"})
    out = Published(segments=(PublishedSegment(remote_id=OUT),))
    message = said(picture(alt="A"), first_comment="#more")
    assert adapter_for(channel).comment(message, out, idempotency_key="key").remote_id == "5"
    assert server.record[0].form == {"message": "#more"}
    server.routes[f"GET {V}/{OUT}/comments"] = (
        200,
        {"data": [{"id": "4", "text": "nice"}, {"id": "5", "text": "#more"}]},
    )
    found = adapter_for(channel).find_comment(message, out, idempotency_key="key", since=timezone.now())
    assert found.remote_id == "5"


def test_what_the_account_may_still_publish_is_read_from_instagram(channel, server):
    adapter = adapter_for(channel)
    adapter.publish(said(picture(alt="A")), idempotency_key="key")
    assert (adapter.quota["remaining"], adapter.quota["limit"]) == (97, 100)
    server.routes[f"GET {V}/{ACCOUNT}/content_publishing_limit"] = (200, "instagram/limit_reached.json")
    with pytest.raises(TryLater, match="100 posts a day") as caught:
        publish(channel, said(picture(alt="A")))
    assert caught.value.retry_after == 3600


def test_pictures_are_cropped_to_what_instagram_takes():
    image = rules_for("instagram").media.image
    tall = image.rendition(width=1000, height=2000, mime_type="image/jpeg", size=1000)
    assert tall.startswith("fill-1000x1250")  # 4:5, round the focal point, which Wagtail's fill keeps
    wide = image.rendition(width=3000, height=1000, mime_type="image/png", size=9_000_000)
    assert wide.startswith("fill-1440x754") and "format-jpeg" in wide


# Errors


@pytest.mark.parametrize(
    ("route", "answer", "error", "words"),
    [
        (MAKE, (400, "instagram/refused.json"), Rejected, "too large to download"),
        (MAKE, (400, "instagram/token_expired.json"), ReconnectNeeded, "Session has expired"),
        (PUBLISH, (403, "instagram/too_often.json"), TryLater, "asks for a pause"),
        (PUBLISH, (500, {}), OutcomeUnknown, "may be out"),
        (PUBLISH, Loopback.SILENCE, OutcomeUnknown, "did not confirm"),
        (MAKE, Loopback.SILENCE, TryLater, "broke off"),
        (STATE, (200, "instagram/error.json"), Rejected, "2207026"),
    ],
)
def test_every_refusal_is_named_by_what_to_do_next(channel, server, route, answer, error, words):
    server.routes[route] = answer
    with pytest.raises(error, match=words):
        publish(channel, said(picture(alt="A")))


def test_a_text_alone_is_refused_before_anything_is_sent(channel, server):
    with pytest.raises(Rejected, match="without a picture"):
        publish(channel, said())
    assert not server.calls("POST", f"{V}/{ACCOUNT}/media")


# Looking for it


def own(caption):
    return {"id": OUT, "caption": caption, "timestamp": timezone.now().isoformat(), "permalink": "https://i.example/p"}


def find(channel, progress):
    return adapter_for(channel).find(
        said(picture(alt="A")), idempotency_key="key", since=timezone.now(), progress=progress
    )


def test_without_a_container_or_with_one_that_is_not_published_nothing_is_out(channel, server):
    assert find(channel, []) is None
    assert server.record == []
    assert find(channel, [handle()]) is None


def test_a_published_container_is_a_sent_post(channel, server):
    server.routes[STATE] = (200, "instagram/published.json")
    server.routes[OWN] = (200, {"data": [own("Another"), own("Good morning")]})
    assert find(channel, [handle()]).permalink == "https://i.example/p"
    server.routes[OWN] = (200, {"data": []})
    assert find(channel, [handle()]).remote_id == CONTAINER


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "published", "calls"), [("published.json", True, 1), ("finished.json", False, 2)])
def test_after_no_answer_the_container_says_whether_it_is_sent_again(acme, server, state, published, calls):
    channel = channel_of(acme)
    channel.save()
    delivery = DeliveryFactory(channel=channel, said=said(picture(alt="A")))
    server.routes[PUBLISH] = [Loopback.SILENCE, (200, "instagram/media.json")]
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.progress[0]["remote_id"]) == (Delivery.State.UNKNOWN, CONTAINER)
    server.routes |= {STATE: (200, f"instagram/{state}"), OWN: (200, {"data": [own("Good morning")]})}
    Delivery.objects.update(next_attempt_at=timezone.now())
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.remote_id) == (Delivery.State.PUBLISHED, OUT)
    assert len(server.calls("POST", f"{V}/{ACCOUNT}/media_publish")) == calls
    assert len(server.calls("POST", f"{V}/{ACCOUNT}/media")) == 1


# Authorization and connecting


def connect(client):
    away = client.get(reverse("channel_authorize", args=["instagram"])).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}
    page = client.get(
        reverse("channel_authorized", args=["instagram"]), {"state": asked["state"], "code": "c"}, follow=True
    )
    return away, asked, page.content.decode()


@pytest.mark.django_db
def test_connecting_by_facebook_finds_the_accounts_of_the_pages(client, alice, acme, server):
    client.force_login(alice)
    server.routes |= {
        f"POST {V}/oauth/access_token": (200, "instagram/token_short.json"),
        f"GET {V}/oauth/access_token": (200, "instagram/token_long.json"),
        f"GET {V}/me/permissions": (200, "instagram/permissions.json"),
        f"GET {V}/me/accounts": (200, "instagram/pages.json"),
    }
    away, asked, page = connect(client)
    assert away.startswith("https://www.facebook.com/v25.0/dialog/oauth?")
    assert "instagram_content_publish" in asked["scope"].split(",")
    channel = Channel.objects.get()
    assert (channel.remote_id, channel.handle) == (ACCOUNT, "@acme")
    assert channel.credentials == {"access_token": "page-token", "login": "facebook"}
    assert channel.scopes == ["instagram_basic", "instagram_content_publish"]
    assert "a picture could not be fetched from there" in page


@pytest.mark.django_db
def test_connecting_by_instagrams_own_log_in(client, alice, acme, server, settings):
    settings.INSTAGRAM_LOGIN = "instagram"
    client.force_login(alice)
    server.routes |= {
        "POST /oauth/access_token": (200, "instagram/token_instagram.json"),
        "GET /access_token": (200, "instagram/token_long.json"),
        f"GET {V}/me": (200, "instagram/me.json"),
    }
    away, _asked, _page = connect(client)
    assert away.startswith("https://www.instagram.com/oauth/authorize?")
    channel = Channel.objects.get()
    assert channel.credentials == {"access_token": "long-lived", "login": "instagram"}
    assert channel.scopes == ["instagram_business_basic", "instagram_business_content_publish"]
    assert channel.token_expires_at > timezone.now() + timedelta(days=59)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("login", "path"), [("facebook", f"{V}/oauth/access_token"), ("instagram", "/refresh_access_token")]
)
def test_a_token_is_renewed_ahead_of_its_end(acme, server, settings, login, path):
    settings.INSTAGRAM_LOGIN = login
    server.routes[f"GET {path}"] = (200, "instagram/token_long.json")
    channel = channel_of(
        acme,
        credentials={"access_token": "old-access", "login": login},
        token_expires_at=timezone.now() + timedelta(days=9),
    )
    channel.save()
    adapter_for(channel).renew_ahead()
    stored = Channel.objects.get()
    assert stored.credentials == {"access_token": "long-lived", "login": login}
    assert stored.token_expires_at > timezone.now() + timedelta(days=59)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://studio.example.com", "only over https"),
        ("https://localhost:8000", "not on the public internet"),
        ("https://192.168.1.4", "not on the public internet"),
        ("https://studio.internal", "not on the public internet"),
    ],
)
def test_an_address_from_which_nothing_can_be_fetched_is_named(settings, address, words):
    settings.BASE_URL = address
    assert words in reaching.address_problem()


def test_what_can_be_fetched_is_no_problem(settings, monkeypatch):
    server = Loopback()
    server.answer = lambda request: (200, reaching.PROBE)
    monkeypatch.setattr(reaching, "address_problem", lambda: "")
    settings.BASE_URL = server.url
    assert reaching.reach_problem() == ""
    server.answer = lambda request: (404, b"")
    assert "it answered 404" in reaching.reach_problem()
    server.close()
