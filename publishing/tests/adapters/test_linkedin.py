"""What goes over the wire to LinkedIn, and what becomes of every kind of answer."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from publishing.adapters import adapter_for
from publishing.delivering import deliver_due
from publishing.errors import OutcomeUnknown, ReconnectNeeded, Rejected, TryLater
from publishing.factories import DeliveryFactory
from publishing.messages import Link, Media, Message, Poll, Published, PublishedSegment, Segment
from publishing.models import Channel, Delivery
from publishing.networks.linkedin import plain_of
from publishing.tests.adapters.described import assert_described, faults
from publishing.tests.loopback import REPLIES, Loopback

POST = "POST /rest/posts"
OWN = "GET /rest/posts"
TOKEN = "POST /oauth/v2/accessToken"
PERSON, PAGE = "urn:li:person:782bbtaQ", "urn:li:organization:2414183"
URN = "urn:li:share:6844785523593134080"
HELLO = Message(segments=(Segment(text="Good morning"),))


@pytest.fixture
def server(settings):
    server = Loopback({POST: (201, {}, {"x-restli-id": URN})})
    settings.LINKEDIN_API_BASE = settings.LINKEDIN_AUTH_BASE = server.url
    settings.LINKEDIN_CLIENT_ID, settings.LINKEDIN_CLIENT_SECRET = "client", "client-secret"
    settings.LINKEDIN_PAGES_CLIENT_ID, settings.LINKEDIN_PAGES_CLIENT_SECRET = "pages", "pages-secret"
    yield server
    server.close()
    assert_described("linkedin", server.record)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("publishing.adapters.linkedin_files.time.sleep", lambda seconds: None)


def channel_of(organization=None, **more):
    return Channel(
        organization=organization,
        **{
            "network": "linkedin",
            "name": "Alice",
            "remote_id": PERSON,
            "credentials": {"access_token": "old-access"},
            "token_expires_at": timezone.now() + timedelta(days=60),
            **more,
        },
    )


@pytest.fixture
def channel(server):
    return channel_of()


def publish(channel, message=HELLO, **kwargs):
    return adapter_for(channel).publish(message, idempotency_key="key", **kwargs)


def with_media(*media):
    return Message(segments=(Segment(text="Look", media=media),))


def file(name, kind, mime_type, content=b"bytes", **more):
    path = default_storage.save(name, ContentFile(content))
    return Media(kind=kind, path=path, mime_type=mime_type, title=name, **more)


def begun(server, name):
    return (200, json.loads((REPLIES / "linkedin" / name).read_text().replace("{base}", server.url)))


def share(moment):
    """The URN of a post made at `moment`."""
    return f"urn:li:share:{int(moment.timestamp() * 1000) << 22}"


def refused_as_duplicate_of(urn):
    return (422, json.loads((REPLIES / "linkedin" / "duplicate.json").read_text().replace("{urn}", urn)))


# Sending


def test_a_text_is_sent_with_version_and_protocol(channel, server, settings):
    settings.LINKEDIN_VERSION = "202609"
    published = publish(channel)
    (call,) = server.record
    assert call.headers["LinkedIn-Version"] == "202609"
    assert call.headers["X-Restli-Protocol-Version"] == "2.0.0"
    assert call.headers["Authorization"] == "Bearer old-access"
    assert call.json == {
        "author": PERSON,
        "commentary": "Good morning",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    assert published.remote_id == URN
    assert published.permalink == f"https://www.linkedin.com/feed/update/{URN}/"


def test_reserved_characters_are_escaped_and_no_character_is_lost(channel, server):
    text = r"50% (net) of *all* [things] {a|b} <c> ~_#1 a@b \o/ → ✅ #Launch @[Acme](urn:li:organization:2)"
    publish(channel, Message(segments=(Segment(text=text),)))
    sent = server.record[0].json["commentary"]
    assert sent.startswith(
        r"50% \(net\) of \*all\* \[things\] \{a\|b\} \<c\> \~\_\#1 a\@b \\o/ → ✅ #Launch @[Acme](urn"
    )
    assert plain_of(sent) == text


def test_one_picture_goes_up_and_is_waited_for(channel, server):
    server.routes |= {
        "POST /rest/images": begun(server, "image_begun.json"),
        "PUT /dms-uploads/image": (201, {}),
        f"GET /rest/images/{quote('urn:li:image:C4E10AQFoyyAjHPMQuQ', safe='')}": [
            (200, "linkedin/processing.json"),
            (200, "linkedin/available.json"),
        ],
    }
    publish(channel, with_media(file("a.png", "image", "image/png", b"picture", alt="A red square")))
    assert server.record[0].query == {"action": "initializeUpload"}
    assert server.record[0].json == {"initializeUploadRequest": {"owner": PERSON}}
    assert server.calls("PUT", "/dms-uploads/image")[0].body == b"picture"
    content = server.calls("POST", "/rest/posts")[0].json["content"]
    assert content == {"media": {"id": "urn:li:image:C4E10AQFoyyAjHPMQuQ", "altText": "A red square"}}


def test_several_pictures_are_one_post_each_with_its_alternative_text(channel, server):
    server.routes |= {
        "POST /rest/images": begun(server, "image_begun.json"),
        "PUT /dms-uploads/image": (201, {}),
        f"GET /rest/images/{quote('urn:li:image:C4E10AQFoyyAjHPMQuQ', safe='')}": (200, "linkedin/available.json"),
    }
    pictures = [file("a.png", "image", "image/png", alt="One"), file("b.png", "image", "image/png", decorative=True)]
    publish(channel, with_media(*pictures))
    images = server.calls("POST", "/rest/posts")[0].json["content"]["multiImage"]["images"]
    assert [image["altText"] for image in images] == ["One", ""]


def test_a_video_goes_up_in_the_parts_that_linkedin_names_and_is_finished_with_their_tags(channel, server):
    urn = quote("urn:li:video:C5505AQH-oV1qvnFtKA", safe="")
    first, second = (201, {}, {"ETag": '"tag-1"'}), (201, {}, {"ETag": "tag-2"})
    server.routes |= {
        "POST /rest/videos": [begun(server, "video_begun.json"), (200, {})],
        "PUT /dms-uploads/video-1": first,
        "PUT /dms-uploads/video-2": second,
        f"GET /rest/videos/{urn}": (200, "linkedin/available.json"),
    }
    content = bytes(range(250)) * 20_000
    publish(channel, with_media(file("clip.mp4", "video", "video/mp4", content)))
    begin, finish = server.calls("POST", "/rest/videos")
    assert begin.json["initializeUploadRequest"]["fileSizeBytes"] == 5_000_000
    sent = [server.calls("PUT", f"/dms-uploads/video-{number}")[0].body for number in (1, 2)]
    assert (len(sent[0]), b"".join(sent)) == (4_194_304, content)
    assert finish.query == {"action": "finalizeUpload"}
    assert finish.json["finalizeUploadRequest"] == {
        "video": "urn:li:video:C5505AQH-oV1qvnFtKA",
        "uploadToken": "upload-ticket",
        "uploadedPartIds": ["tag-1", "tag-2"],
    }
    posted = server.calls("POST", "/rest/posts")[0].json["content"]
    assert posted == {"media": {"id": "urn:li:video:C5505AQH-oV1qvnFtKA", "title": "clip.mp4"}}


def test_a_document_is_sent_with_its_title(channel, server):
    server.routes |= {
        "POST /rest/documents": begun(server, "document_begun.json"),
        "PUT /dms-uploads/document": (201, {}),
        f"GET /rest/documents/{quote('urn:li:document:C5F10AQGKQg_6y2a4sQ', safe='')}": (
            200,
            "linkedin/available.json",
        ),
    }
    publish(channel, with_media(file("report.pdf", "document", "application/pdf")))
    content = server.calls("POST", "/rest/posts")[0].json["content"]
    assert content == {"media": {"id": "urn:li:document:C5F10AQGKQg_6y2a4sQ", "title": "report.pdf"}}


def test_a_link_is_a_card_with_a_title_description_and_picture_of_our_own(channel, server):
    server.routes |= {
        "POST /rest/images": begun(server, "image_begun.json"),
        "PUT /dms-uploads/image": (201, {}),
        f"GET /rest/images/{quote('urn:li:image:C4E10AQFoyyAjHPMQuQ', safe='')}": (200, "linkedin/available.json"),
    }
    picture = file("a.png", "image", "image/png", decorative=True)
    link = Link(url="https://example.org/a", title="A title", description="More", image=picture)
    publish(channel, Message(segments=(Segment(text="Read", link=link),)))
    assert server.calls("POST", "/rest/posts")[0].json["content"]["article"] == {
        "source": "https://example.org/a",
        "title": "A title",
        "description": "More",
        "thumbnail": "urn:li:image:C4E10AQFoyyAjHPMQuQ",
    }


def test_a_poll_asks_its_question(channel, server):
    poll = Poll(options=("Tea", "Coffee"), minutes=3 * 24 * 60)
    publish(channel, Message(segments=(Segment(text="We wonder.\nTea or coffee?\n#tea", poll=poll),)))
    assert server.record[0].json["content"]["poll"] == {
        "question": "Tea or coffee?",
        "options": [{"text": "Tea"}, {"text": "Coffee"}],
        "settings": {"duration": "THREE_DAYS"},
    }


def test_the_first_comment_is_plain_text_under_the_post(channel, server):
    path = f"/rest/socialActions/{quote(URN, safe='')}/comments"
    server.routes[f"POST {path}"] = (201, "linkedin/comment.json")
    message = Message(segments=HELLO.segments, first_comment="More (here): https://example.org")
    published = publish(channel, message)
    comment = adapter_for(channel).comment(message, published, idempotency_key="key")
    assert server.calls("POST", path)[0].json == {
        "actor": PERSON,
        "object": URN,
        "message": {"text": "More (here): https://example.org"},
    }
    assert comment.remote_id.startswith("urn:li:comment:")


COMMENTING_IS_NOT_FOR_THIS_APP = (
    403,
    {
        "status": 403,
        "code": "ACCESS_DENIED",
        "message": "Not enough permissions to access: partnerApiSocialActions.CREATE.20260701",
    },
)


def test_an_app_that_may_only_post_comments_where_that_is_enough(channel, server):
    path = f"/socialActions/{quote(URN, safe='')}/comments"
    server.routes |= {
        f"POST /rest{path}": COMMENTING_IS_NOT_FOR_THIS_APP,
        f"POST /v2{path}": (201, "linkedin/comment.json"),
    }
    message = Message(segments=HELLO.segments, first_comment="Read on")
    comment = adapter_for(channel).comment(message, publish(channel, message), idempotency_key="key")
    assert comment.remote_id.startswith("urn:li:comment:")
    assert server.calls("POST", f"/v2{path}")[0].json["message"] == {"text": "Read on"}


@pytest.mark.django_db
def test_an_app_that_may_not_comment_at_all_keeps_its_channel_and_its_post(acme, server):
    path = f"/socialActions/{quote(URN, safe='')}/comments"
    server.routes |= {f"POST {root}{path}": COMMENTING_IS_NOT_FOR_THIS_APP for root in ("/rest", "/v2")}
    channel = channel_of(acme)
    channel.save()
    delivery = DeliveryFactory(channel=channel, said=Message(segments=HELLO.segments, first_comment="Read on"))
    deliver_due()
    delivery.refresh_from_db()
    channel.refresh_from_db()
    assert (delivery.state, channel.state) == (Delivery.State.PUBLISHED, Channel.State.CONNECTED)
    assert "Community Management" in delivery.failure


def test_the_token_goes_to_no_other_host(channel, server, settings):
    elsewhere = Loopback({"PUT /dms-uploads/image": (201, {})})
    address = elsewhere.url.replace("127.0.0.1", "localhost")
    server.routes |= {
        "POST /rest/images": (200, {"value": {"uploadUrl": f"{address}/dms-uploads/image", "image": "urn:li:image:1"}}),
        f"GET /rest/images/{quote('urn:li:image:1', safe='')}": (200, "linkedin/available.json"),
    }
    publish(channel, with_media(file("a.png", "image", "image/png", alt="A")))
    assert "Authorization" not in elsewhere.record[0].headers
    elsewhere.close()


# Errors


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((400, "linkedin/refused.json"), Rejected, "exceeded the maximum allowed"),
        ((401, "linkedin/revoked.json"), ReconnectNeeded, "revoked by the user"),
        ((403, "linkedin/denied.json"), ReconnectNeeded, "Not enough permissions"),
        ((426, "linkedin/version_gone.json"), TryLater, "LINKEDIN_VERSION"),
        ((429, {"message": "slow down"}), TryLater, "asks for a pause"),
        ((500, {}), OutcomeUnknown, "may be out"),
        (Loopback.SILENCE, OutcomeUnknown, "did not confirm"),
    ],
)
def test_every_refusal_is_named_by_what_to_do_next(channel, server, answer, error, words):
    server.routes[POST] = answer
    with pytest.raises(error, match=words):
        publish(channel)


def test_a_duplicate_of_just_now_is_the_post_itself(channel, server):
    urn = share(timezone.now() - timedelta(minutes=2))
    server.routes[POST] = refused_as_duplicate_of(urn)
    server.routes[f"GET /rest/posts/{quote(urn, safe='')}"] = (200, {"id": urn})
    assert publish(channel).remote_id == urn


def test_where_the_app_may_not_read_the_number_of_a_duplicate_tells_its_age(channel, server):
    before, by_this_call = share(timezone.now() - timedelta(minutes=2)), share(timezone.now())
    for urn in (before, by_this_call):
        server.routes[f"GET /rest/posts/{quote(urn, safe='')}"] = (403, "linkedin/denied.json")
    server.routes[POST] = refused_as_duplicate_of(before)
    assert publish(channel).remote_id == before
    server.routes[POST] = refused_as_duplicate_of(by_this_call)
    with pytest.raises(Rejected, match="posted before"):
        publish(channel)


@pytest.mark.parametrize(("minutes", "there"), [(60, 200), (2, 404)])
def test_an_old_duplicate_or_one_that_is_gone_is_refused(channel, server, minutes, there):
    urn = share(timezone.now() - timedelta(minutes=minutes))
    server.routes[POST] = refused_as_duplicate_of(urn)
    server.routes[f"GET /rest/posts/{quote(urn, safe='')}"] = (there, {"id": urn})
    with pytest.raises(Rejected, match="posted before"):
        publish(channel)


# Looking for it


def own(commentary, *, minutes=0, urn="urn:li:share:5"):
    created = timezone.now() - timedelta(minutes=minutes)
    return {"id": urn, "commentary": commentary, "createdAt": int(created.timestamp() * 1000), "author": PERSON}


def test_a_post_is_found_by_its_text_as_linkedin_writes_it(channel, server):
    shown = [own("Other"), own(r"Up 5% \(net\) {hashtag|\#|Launch}"), own("Up")]
    server.routes[OWN] = (200, {"elements": shown})
    message = Message(segments=(Segment(text="Up 5% (net) #Launch"),))
    found = adapter_for(channel).find(message, idempotency_key="key", since=timezone.now())
    assert found.remote_id == "urn:li:share:5"
    (call,) = server.record
    assert (call.query["q"], call.query["author"]) == ("author", PERSON)
    assert call.headers["X-RestLi-Method"] == "FINDER"


def test_a_post_from_before_the_attempt_is_not_taken_for_it(channel, server):
    server.routes[OWN] = (200, {"elements": [own("Good morning", minutes=60)]})
    assert adapter_for(channel).find(HELLO, idempotency_key="key", since=timezone.now()) is None


def test_a_comment_is_found_among_those_under_the_post(channel, server):
    path = f"/rest/socialActions/{quote(URN, safe='')}/comments"
    mine = json.loads((REPLIES / "linkedin" / "comment.json").read_text())
    server.routes[f"GET {path}"] = (200, {"elements": [{**mine, "actor": "urn:li:person:other"}, mine]})
    message = Message(segments=HELLO.segments, first_comment="Read on")
    out = Published(segments=(PublishedSegment(remote_id=URN),))
    found = adapter_for(channel).find_comment(message, out, idempotency_key="key", since=timezone.now())
    assert found.remote_id == mine["commentUrn"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "state", "asks"),
    [
        (lambda: (200, {"elements": [own("Good morning")]}), Delivery.State.PUBLISHED, False),
        (lambda: (403, "linkedin/denied.json"), Delivery.State.UNKNOWN, True),
    ],
)
def test_after_no_answer_it_is_looked_for_and_where_that_is_not_allowed_a_person_is_asked(
    acme, server, answer, state, asks
):
    channel = channel_of(acme)
    channel.save()
    delivery = DeliveryFactory(channel=channel)
    server.routes |= {POST: Loopback.SILENCE, OWN: answer()}
    deliver_due()
    Delivery.objects.update(next_attempt_at=timezone.now())
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.asks_person) == (state, asks)
    assert len(server.calls("POST", "/rest/posts")) == 1


# Authorization


@pytest.mark.django_db
def test_a_token_that_has_run_out_is_renewed_where_the_app_may(acme, server):
    channel = channel_of(acme, credentials={"access_token": "old-access", "refresh_token": "old-refresh"})
    channel.save()
    server.routes[POST] = [(401, "linkedin/revoked.json"), (201, {}, {"x-restli-id": URN})]
    server.routes[TOKEN] = (200, "linkedin/token.json")
    publish(channel)
    form = server.calls("POST", "/oauth/v2/accessToken")[0].form
    assert (form["refresh_token"], form["client_id"], form["client_secret"]) == (
        "old-refresh",
        "client",
        "client-secret",
    )
    stored = Channel.objects.get()
    assert stored.credentials["access_token"] == "new-access"
    assert adapter_for(stored).authorization_ends_at() > timezone.now() + timedelta(days=360)


def test_without_a_right_to_renew_the_end_of_the_token_is_the_end(channel):
    assert adapter_for(channel).authorization_ends_at() == channel.token_expires_at


# Connecting


def connect(client, server, way, token):
    server.routes |= {
        TOKEN: (200, token),
        "GET /v2/userinfo": (200, "linkedin/userinfo.json"),
        "GET /rest/organizationAcls": (200, "linkedin/acls.json"),
        "GET /rest/organizations/2414183": (200, "linkedin/organization.json"),
        "GET /rest/organizations/99": (200, "linkedin/second_organization.json"),
    }
    away = client.get(reverse("channel_authorize", args=[way])).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}
    return asked, client.get(
        reverse("channel_authorized", args=[way]), {"state": asked["state"], "code": "the-code"}, follow=True
    )


@pytest.mark.django_db
def test_a_person_connects_the_own_profile(client, alice, acme, server):
    client.force_login(alice)
    asked, _page = connect(client, server, "linkedin", "linkedin/token.json")
    assert (asked["client_id"], asked["scope"]) == ("client", "openid profile w_member_social")
    channel = Channel.objects.get()
    assert (channel.remote_id, channel.name) == (PERSON, "Alice Acme")
    assert channel.scopes == ["openid", "profile", "w_member_social"]
    assert channel.token_expires_at > timezone.now() + timedelta(days=59)


@pytest.mark.django_db
def test_pages_are_chosen_from_those_that_the_person_may_post_for(client, alice, acme, server):
    client.force_login(alice)
    asked, page = connect(client, server, "linkedin-pages", "linkedin/token_without_refresh.json")
    assert (asked["client_id"], "w_organization_social" in asked["scope"]) == ("pages", True)
    shown = page.content.decode()
    assert "Acme Ltd (acme)" in shown and "Acme Labs" in shown and "organization:7" not in shown
    assert not Channel.objects.exists()
    client.post(reverse("channel_choose"), {"accounts": [PAGE]})
    channel = Channel.objects.get()
    assert (channel.remote_id, channel.name, channel.handle) == (PAGE, "Acme Ltd", "acme")
    assert "new-access" not in str(dict(client.session))


@pytest.mark.django_db
def test_a_page_is_connected_again_without_a_choice_and_keeps_what_is_planned(client, alice, acme, server):
    client.force_login(alice)
    channel = channel_of(acme, remote_id=PAGE, state=Channel.State.RECONNECT)
    channel.save()
    delivery = DeliveryFactory(channel=channel, due_at=timezone.now() + timedelta(hours=1))
    server.routes[TOKEN] = (200, "linkedin/token_without_refresh.json")
    client.get(reverse("channel_authorize", args=["linkedin-pages"]), {"channel": str(channel.pk)})
    state = client.session["connecting"]["state"]
    server.routes |= {
        "GET /rest/organizationAcls": (200, "linkedin/acls.json"),
        "GET /rest/organizations/2414183": (200, "linkedin/organization.json"),
        "GET /rest/organizations/99": (200, "linkedin/second_organization.json"),
    }
    client.get(reverse("channel_authorized", args=["linkedin-pages"]), {"state": state, "code": "c"})
    channel.refresh_from_db()
    delivery.refresh_from_db()
    assert (channel.state, channel.credentials["access_token"]) == (Channel.State.CONNECTED, "new-access")
    assert (delivery.state, Channel.objects.count()) == (Delivery.State.SCHEDULED, 1)


@pytest.mark.django_db
def test_accounts_of_another_organizations_choice_connect_nothing(client, alice, acme, server, globex):
    client.force_login(alice)
    connect(client, server, "linkedin-pages", "linkedin/token_without_refresh.json")
    session = client.session
    from publishing.secrets import seal, unseal

    session["connecting_accounts"] = seal({**unseal(session["connecting_accounts"]), "organization": str(globex.pk)})
    session.save()
    assert client.post(reverse("channel_choose"), {"accounts": [PAGE]}).url == reverse("channel_connect")
    assert not Channel.objects.exists()


def test_what_linkedin_does_not_describe_would_be_noticed(channel, server):
    publish(channel)
    sent = server.record[0]
    assert list(faults("linkedin", sent)) == []
    sent.body = json.dumps({**sent.json, "visibility": "EVERYBODY", "mood": "good", "content": {"media": {}}}).encode()
    del sent.headers["LinkedIn-Version"]
    words = "\n".join(faults("linkedin", sent))
    assert "EVERYBODY" in words and "mood" in words and "'id' is a required property" in words
    assert "LinkedIn-Version" in words
    server.record.clear()
