"""Everything that a post can hold, through the API: written, read back, found, compared."""

import base64
import datetime
import json

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.images.tests.utils import get_test_image_file

from content_studio.drafting import create_draft, revise, segment
from content_studio.labels import Campaign, Label
from content_studio.messages import message_for
from content_studio.models import SocialPost
from organizations.models import LibraryDocument, LibraryImage
from publishing.models import Channel

pytestmark = pytest.mark.django_db

POSTS = "/api/v1/posts/"


@pytest.fixture
def bluesky(acme):
    return Channel.objects.create(organization=acme, network="bluesky", name="Acme on Bluesky", sandbox=True)


@pytest.fixture
def picture(acme):
    return LibraryImage.objects.create(title="Shoe", file=get_test_image_file("shoe.png"), collection=acme.collection)


@pytest.fixture
def film(acme):
    file = ContentFile(b"film", "film.mp4")
    return LibraryDocument.objects.create(title="Film", file=file, collection=acme.collection)


@pytest.fixture
def spring(acme):
    return Campaign.objects.create(organization=acme, name="Spring")


@pytest.fixture
def urgent(acme):
    return Label.objects.create(organization=acme, name="Urgent")


def whole(picture, film, bluesky, spring, urgent):
    """A post with everything."""
    return {
        "title": "The launch",
        "language": "de",
        "segments": [
            {
                "text": "Grüße aus Zürich",
                "media": [
                    {"image": str(picture.uuid), "alt": "A red shoe", "decorative": False},
                    {"document": str(film.uuid)},
                ],
                "link": {
                    "url": "https://example.com/shoe",
                    "title": "Shoe",
                    "description": "Red",
                    "image": str(picture.uuid),
                },
                "poll": None,
            },
            {"text": "Which one?", "media": [], "link": None, "poll": {"options": ["Red", "Blue"], "minutes": 720}},
        ],
        "first_comment": "More below",
        "overrides": [
            {
                "network": "x",
                "segments": [{"text": "Short", "media": [], "link": None, "poll": None}],
                "first_comment": "",
                "leave_out": ["link", "poll"],
            }
        ],
        "link_tags": "utm_source={network}&utm_medium=social",
        "channels": [str(bluesky.pk)],
        "campaign": str(spring.uuid),
        "labels": [str(urgent.uuid)],
    }


def titles(answer):
    assert answer.status_code == 200, answer.content
    return sorted(post["title"] for post in answer.json()["results"])


def test_everything_that_a_post_holds_is_written_and_read_back(api_of, bob, picture, film, bluesky, spring, urgent):
    said = whole(picture, film, bluesky, spring, urgent)

    answer = api_of(bob).post(POSTS, said)

    assert answer.status_code == 201, answer.content
    post = answer.json()
    for name in ("title", "language", "segments", "first_comment", "overrides", "link_tags"):
        assert post[name] == said[name], name
    assert post["campaign"] == {"id": str(spring.uuid), "name": "Spring"}
    assert post["labels"] == [{"id": str(urgent.uuid), "name": "Urgent"}]
    stored = SocialPost.objects.get(uuid=post["id"]).get_latest_revision_as_object()
    on_x = message_for(stored, "x")
    assert [each.text for each in on_x.segments] == ["Short"]
    assert on_x.segments[0].link is None
    assert message_for(stored, "bluesky").first_comment == "More below"


def test_an_update_of_one_part_leaves_the_others(api_of, bob, picture, film, bluesky, spring, urgent):
    client = api_of(bob)
    path = f"{POSTS}{client.post(POSTS, whole(picture, film, bluesky, spring, urgent)).json()['id']}/"

    client.patch(path, {"first_comment": ""})
    post = client.patch(path, {"segments": [{"text": "New"}], "labels": []}).json()

    assert post["first_comment"] == ""
    assert [each["text"] for each in post["segments"]] == ["New"]
    assert post["overrides"][0]["network"] == "x"
    assert (post["campaign"]["name"], post["labels"]) == ("Spring", [])


def test_what_is_inside_of_an_update_has_its_own_defaults(api_of, bob, acme, picture):
    client = api_of(bob)
    path = f"{POSTS}{client.post(POSTS, {'segments': [{'text': 'One'}]}).json()['id']}/"

    answer = client.patch(
        path, {"segments": [{"media": [{"image": str(picture.uuid)}], "poll": {"options": ["a", "b"]}}]}
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["segments"][0] == {
        "text": "",
        "media": [{"image": str(picture.uuid), "alt": "", "decorative": False}],
        "link": None,
        "poll": {"options": ["a", "b"], "minutes": 1440},
    }
    assert client.patch(path, {"segments": [{"poll": {}}]}).json()["errors"][0]["field"] == "segments.0.poll.options"


def test_campaign_and_labels_alone_make_no_revision_but_a_new_etag(api_of, bob, acme, spring, urgent):
    client = api_of(bob)
    first = client.post(POSTS, {"segments": [{"text": "Hello"}]})
    path = f"{POSTS}{first.json()['id']}/"

    answer = client.patch(path, {"campaign": str(spring.uuid), "labels": [str(urgent.uuid)]})

    assert answer.json()["revision"] == first.json()["revision"]
    assert answer["ETag"] != first["ETag"]
    assert client.patch(path, {"campaign": None}, headers={"If-Match": first["ETag"]}).status_code == 412
    assert client.patch(path, {"campaign": None}).json()["campaign"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tittle": "A slip"}, "tittle"),
        ({"segments": [{"text": "a", "pol": {}}]}, "segments.0.pol"),
        ({"segments": [{"poll": {"options": ["one"]}}]}, "segments.0.poll.options"),
        ({"segments": [{"poll": {"options": ["a", "b"], "minutes": 61}}]}, "segments.0.poll.minutes"),
        ({"overrides": [{"network": "x"}, {"network": "x"}]}, "overrides"),
        ({"overrides": [{"network": "x", "leave_out": ["everything"]}]}, "overrides.0.leave_out"),
        ({"language": "not a language"}, "language"),
        ({"campaign": "31b1b4b5-4c0c-4f4e-9a36-0a7f0a3a0a3a"}, "campaign"),
        ({"labels": ["31b1b4b5-4c0c-4f4e-9a36-0a7f0a3a0a3a"]}, "labels"),
        ({"segments": [{"media": [{}]}]}, "segments.0.media.0"),
        ({"state": "published"}, "state"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(api_of, bob, acme, change, field):
    answer = api_of(bob).post(POSTS, {"segments": [{"text": "Fine"}], **change})

    assert answer.status_code == 400, answer.content
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_what_belongs_to_others_cannot_be_put_into_a_post(api_of, bob, acme, globex):
    theirs = {
        "campaign": str(Campaign.objects.create(organization=globex, name="Secret").uuid),
        "labels": [str(Label.objects.create(organization=globex, name="Secret").uuid)],
    }
    for name, value in theirs.items():
        answer = api_of(bob).post(POSTS, {"segments": [{"text": "Fine"}], name: value})
        assert answer.status_code == 400
        assert "Secret" not in answer.content.decode()


def test_posts_are_found_by_what_sorts_them_and_by_what_they_say(
    api_of, acme, alice, bob, picture, film, bluesky, spring, urgent
):
    client = api_of(bob)
    client.post(POSTS, whole(picture, film, bluesky, spring, urgent))
    create_draft(organization=acme, user=alice, segments=[segment("Other")])

    for query in (
        f"campaign={spring.uuid}",
        f"label={urgent.uuid}",
        f"author={bob.pk}",
        f"channel={bluesky.pk}",
        "q=zürich",
        "q=shoe+grüße",
        "q=blue",
        "q=MORE",
        "q=short",
    ):
        assert titles(client.get(f"{POSTS}?{query}")) == ["The launch"], query
    for query in ("q=segment", "q=decorative", "q=zürich+other", f"campaign={urgent.uuid}"):
        assert titles(client.get(f"{POSTS}?{query}")) == [], query


def test_a_newer_draft_of_a_published_post_is_found_by_its_new_words(api_of, acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("Old words")])
    SocialPost.objects.filter(pk=post.pk).update(live=True)
    post.refresh_from_db()
    revise(post, user=bob, segments=[segment("Fresh words")])

    assert titles(api_of(bob).get(f"{POSTS}?q=fresh")) == ["Fresh words"]
    assert titles(api_of(bob).get(f"{POSTS}?q=old")) == []  # nor is it called after them any more


def test_planned_ranges_are_moments_whatever_zone_a_post_was_planned_in(api_of, acme, bob):
    for name, zone in (("Tokyo", "Asia/Tokyo"), ("Berlin", "Europe/Berlin"), ("Los Angeles", "America/Los_Angeles")):
        post = create_draft(organization=acme, user=bob, segments=[segment(name)])
        noon = datetime.datetime(2027, 6, 1, 12, tzinfo=datetime.UTC)
        SocialPost.objects.filter(pk=post.pk).update(planned_local=noon, planned_timezone=zone)
    create_draft(organization=acme, user=bob, segments=[segment("Never")])
    client = api_of(bob)

    # Noon in Tokyo is 03:00 UTC, in Berlin 10:00, in Los Angeles 19:00.
    assert titles(client.get(f"{POSTS}?planned_after=2027-06-01T03:00:00Z&planned_before=2027-06-01T10:00:00Z")) == [
        "Tokyo"
    ]
    after = client.get(POSTS, {"planned_after": "2027-06-01T12:00:00+02:00"})
    assert titles(after) == ["Berlin", "Los Angeles"]
    ordered = client.get(f"{POSTS}?ordering=-planned").json()["results"]
    assert [post["title"] for post in ordered] == ["Los Angeles", "Berlin", "Tokyo"]


@pytest.mark.parametrize("ordering", ["created", "-created", "updated", "-updated", "planned", "-planned"])
def test_pages_of_every_order_show_each_post_once(api_of, acme, bob, ordering):
    expected = set()
    for number in range(7):
        post = create_draft(organization=acme, user=bob, segments=[segment(f"Post {number}")])
        at = datetime.datetime(2027, 6, 1 + number // 2, 12, tzinfo=datetime.UTC)
        SocialPost.objects.filter(pk=post.pk).update(planned_local=at, planned_timezone="UTC")
        expected.add(str(post.uuid))
    client = api_of(bob)
    seen, address = [], f"{POSTS}?ordering={ordering}&page_size=2"
    while address:
        page = client.get(address).json()
        seen += [post["id"] for post in page["results"]]
        address = page["next"]
    assert len(seen) == 7
    assert set(seen) == expected


@pytest.mark.parametrize("ordering", ["planned", "-planned"])
def test_pages_by_plan_are_in_the_order_of_moments_whatever_the_zones_there_and_back(api_of, acme, bob, ordering):
    zones = ("Pacific/Kiritimati", "Etc/GMT+12", "UTC", "")  # 14 hours ahead, 12 behind
    for number in range(16):
        post = create_draft(organization=acme, user=bob, segments=[segment(f"Post {number}")])
        at = datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC) + datetime.timedelta(hours=7 * number)
        SocialPost.objects.filter(pk=post.pk).update(planned_local=at, planned_timezone=zones[number % 4])
    client = api_of(bob)
    every = client.get(f"{POSTS}?ordering={ordering}&page_size=100").json()["results"]
    moments = [post["planned"]["at"] for post in every]
    assert len(every) == 16 and moments == sorted(moments, reverse=ordering.startswith("-"))

    pages, address = [], f"{POSTS}?ordering={ordering}&page_size=3"
    while address:
        pages.append(client.get(address).json())
        address = pages[-1]["next"]
    assert [post["id"] for page in pages for post in page["results"]] == [post["id"] for post in every]
    back = client.get(pages[-1]["previous"]).json()
    assert [post["id"] for post in back["results"]] == [post["id"] for post in pages[-2]["results"]]
    for position in ("soon", "2027-06-01", "0001-01-01T00:00:00+00:00"):
        cursor = base64.b64encode(f"p={position}".encode()).decode()
        assert client.get(POSTS, {"ordering": ordering, "cursor": cursor}).status_code in (200, 404)


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=101",
        "page_size=many",
        "ordering=size",
        "state=lost",
        "channel=7",
        "planned_after=tomorrow",
        "updated_since=x",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(api_of, bob, query):
    answer = api_of(bob).get(f"{POSTS}?{query}")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


@pytest.mark.parametrize("cursor", ["x", "cD1hYmM=", "cD0yMDI3LTAxLTAx"])
def test_a_cursor_that_nobody_made_leads_nowhere(api_of, bob, cursor):
    assert api_of(bob).get(f"{POSTS}?cursor={cursor}").status_code == 404


def test_revisions_are_read_compared_and_come_in_pages(api_of, bob, acme, bluesky):
    client = api_of(bob)
    post = client.post(POSTS, {"segments": [{"text": "One"}, {"text": "Two"}]}).json()
    path = f"{POSTS}{post['id']}/"
    client.patch(path, {"segments": [{"text": "One"}], "first_comment": "New", "channels": [str(bluesky.pk)]})
    page = client.get(f"{path}revisions/?page_size=1").json()
    newest = page["results"][0]
    first = client.get(page["next"]).json()["results"][0]
    assert (newest["newest"], first["newest"]) == (True, False)

    assert client.get(f"{path}revisions/{first['id']}/").json() == first
    comparison = client.get(f"{path}revisions/{first['id']}/compare/{newest['id']}/").json()

    assert comparison["changes"] == [
        {
            "field": "segments.1",
            "before": {"text": "Two", "media": [], "link": None, "poll": None},
            "after": None,
        },
        {"field": "first_comment", "before": "", "after": "New"},
        {"field": "channels.0", "before": None, "after": str(bluesky.pk)},
    ]


def test_revisions_take_as_many_queries_for_ten_as_for_two(api_of, bob, acme):
    client = api_of(bob)
    path = f"{POSTS}{client.post(POSTS, {'segments': [{'text': 'One'}]}).json()['id']}/"
    client.patch(path, {"title": "Two"})
    with CaptureQueriesContext(connection) as few:
        assert len(client.get(f"{path}revisions/").json()["results"]) == 2
    for number in range(8):
        client.patch(path, {"title": f"Again {number}"})
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(f"{path}revisions/").json()["results"]) == 10
    assert len(many) == len(few)


def test_only_the_revision_that_was_read_is_approved(api_of, alice, bob, acme):
    post = api_of(bob).post(POSTS, {"segments": [{"text": "Read this"}]}).json()
    path = f"{POSTS}{post['id']}/"
    api_of(bob).post(f"{path}submit/")
    api_of(bob).patch(path, {"segments": [{"text": "Something else"}]})

    answer = api_of(alice).post(f"{path}approve/", {"revision": post["revision"]})

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/revision-changed")
    newest = api_of(alice).get(path).json()
    assert api_of(alice).post(f"{path}approve/", {"revision": newest["revision"]}).json()["state"] == "approved"


def test_a_wish_for_a_time_plans_and_schedules_nothing(api_of, bob, vera, acme):
    client = api_of(bob)
    path = f"{POSTS}{client.post(POSTS, {'segments': [{'text': 'Soon'}]}).json()['id']}/"

    post = client.post(f"{path}plan/", {"local_time": "2037-06-01T09:00:00", "timezone": "Europe/Berlin"}).json()

    assert (post["state"], post["planned"]["at"]) == ("draft", "2037-06-01T07:00:00Z")
    assert api_of(vera).post(f"{path}plan/", {"local_time": "2037-06-01T09:00:00"}).status_code == 403


def test_what_is_in_review_is_taken_back(api_of, bob, acme):
    client = api_of(bob)
    path = f"{POSTS}{client.post(POSTS, {'segments': [{'text': 'Wait'}]}).json()['id']}/"
    client.post(f"{path}submit/")
    assert client.post(f"{path}withdraw/").json()["state"] == "draft"
    assert client.post(f"{path}withdraw/").status_code == 409


def test_what_the_editor_stores_is_read_alike(api_of, bob, acme):
    """Wagtail's editor wraps each item of a list with an id; the API shows both forms alike."""
    post = create_draft(organization=acme, user=bob, segments=[segment("x")])
    body = [
        {
            "type": "segment",
            "id": "a",
            "value": {
                "text": "From the editor",
                "media": [],
                "link": [{"type": "item", "id": "b", "value": {"url": "https://example.com", "title": "T"}}],
                "poll": [
                    {
                        "type": "item",
                        "id": "c",
                        "value": {"options": [{"type": "item", "id": "d", "value": "Yes"}], "minutes": "60"},
                    }
                ],
            },
        }
    ]
    post.body = json.dumps(body)
    post.save_revision(user=bob)

    said = api_of(bob).get(f"{POSTS}{post.uuid}/").json()["segments"][0]

    assert said["link"] == {"url": "https://example.com", "title": "T", "description": "", "image": None}
    assert said["poll"] == {"options": ["Yes"], "minutes": 60}
