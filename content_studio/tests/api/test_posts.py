"""A post's whole life through the API: written, reviewed, scheduled, changed, deleted."""

import datetime
import uuid

import pytest
from django.utils import timezone

from content_studio.drafting import create_draft, segment
from content_studio.models import SocialPost
from publishing.models import Channel, Delivery

pytestmark = pytest.mark.django_db

POSTS = "/api/v1/posts/"


@pytest.fixture
def bluesky(acme):
    return Channel.objects.create(organization=acme, network="bluesky", name="Acme on Bluesky", sandbox=True)


@pytest.fixture
def theirs(globex):
    return Channel.objects.create(organization=globex, network="bluesky", name="Secret of Globex", sandbox=True)


def write(client, *texts, **more):
    return client.post(POSTS, {"segments": [{"text": text} for text in texts], **more})


def slug(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return answer.json()["type"].rsplit("/", 1)[1]


def in_days(days):
    return (timezone.now() + datetime.timedelta(days=days)).strftime("%Y-%m-%dT09:00:00")


def test_a_member_writes_a_thread_and_reads_it_back(api_of, bob, bluesky):
    answer = write(api_of(bob), "First", "Second", channels=[str(bluesky.pk)])

    assert answer.status_code == 201, answer.content
    post = api_of(bob).get(f"{POSTS}{answer.json()['id']}/").json()
    assert [each["text"] for each in post["segments"]] == ["First", "Second"]
    assert post["channels"] == [{"id": str(bluesky.pk), "network": "bluesky", "name": "Acme on Bluesky"}]
    assert post["state"] == "draft"
    assert post["author"] == {"id": str(bob.pk), "name": "Bob"}
    assert post["planned"] is None
    assert post["admin_url"].startswith("http://")


def test_a_post_goes_all_the_way_to_a_scheduled_delivery(api_of, alice, bob, bluesky):
    post = write(api_of(bob), "All the way", channels=[str(bluesky.pk)]).json()
    path = f"{POSTS}{post['id']}/"

    assert api_of(bob).post(f"{path}submit/").json()["state"] == "in_review"
    approved = api_of(alice).post(f"{path}approve/", {"comment": "Good"}).json()
    assert approved["state"] == "approved"
    assert approved["approved_revision"] == approved["revision"]
    scheduled = api_of(alice).post(f"{path}schedule/", {"local_time": in_days(3), "timezone": "Europe/Berlin"})

    assert scheduled.status_code == 200, scheduled.content
    assert scheduled.json()["state"] == "scheduled"
    assert scheduled.json()["planned"]["local_time"] == in_days(3)
    delivery = Delivery.objects.get(post_id=post["id"])
    assert delivery.channel == bluesky
    assert delivery.message["segments"][0]["text"] == "All the way"
    listed = api_of(alice).get("/api/v1/deliveries/").json()["results"]
    assert [each["revision"] for each in listed] == [approved["revision"]]


def test_what_was_not_approved_is_not_scheduled(api_of, alice, bluesky):
    post = write(api_of(alice), "Not yet", channels=[str(bluesky.pk)]).json()

    answer = api_of(alice).post(f"{POSTS}{post['id']}/schedule/", {"local_time": in_days(1)})

    assert (answer.status_code, slug(answer)) == (409, "approval-needed")
    assert not Delivery.objects.exists()


def test_the_past_is_refused_and_says_so(api_of, alice, bluesky):
    post = write(api_of(alice), "Too late", channels=[str(bluesky.pk)]).json()
    api_of(alice).post(f"{POSTS}{post['id']}/submit/")
    api_of(alice).post(f"{POSTS}{post['id']}/approve/")

    answer = api_of(alice).post(f"{POSTS}{post['id']}/schedule/", {"local_time": "2020-01-01T09:00:00"})

    assert (answer.status_code, slug(answer)) == (422, "time-has-passed")


@pytest.mark.parametrize("when", ["tomorrow", "", "2027-13-01T00:00:00", None, 7])
def test_a_time_that_is_none_is_a_field_error(api_of, alice, bluesky, when):
    post = write(api_of(alice), "When?", channels=[str(bluesky.pk)]).json()

    answer = api_of(alice).post(f"{POSTS}{post['id']}/schedule/", {"local_time": when})

    assert (answer.status_code, slug(answer)) == (400, "validation-error")
    assert answer.json()["errors"][0]["field"] == "local_time"


def test_changes_are_asked_for_with_a_comment(api_of, alice, bob, bluesky):
    post = write(api_of(bob), "Rough", channels=[str(bluesky.pk)]).json()
    path = f"{POSTS}{post['id']}/"
    api_of(bob).post(f"{path}submit/")

    assert api_of(alice).post(f"{path}request-changes/", {}).status_code == 400
    answer = api_of(alice).post(f"{path}request-changes/", {"comment": "Shorter, please"})

    assert answer.json()["state"] == "changes_requested"


def test_an_update_is_a_revision_and_a_restore_is_another(api_of, bob):
    post = write(api_of(bob), "One").json()
    path = f"{POSTS}{post['id']}/"
    api_of(bob).patch(path, {"segments": [{"text": "Two"}]})
    revisions = api_of(bob).get(f"{path}revisions/").json()["results"]
    assert [each["segments"][0]["text"] for each in revisions] == ["Two", "One"]
    assert [each["newest"] for each in revisions] == [True, False]

    restored = api_of(bob).post(f"{path}revisions/{revisions[1]['id']}/restore/").json()

    assert restored["segments"][0]["text"] == "One"
    assert len(api_of(bob).get(f"{path}revisions/").json()["results"]) == 3


def test_an_update_of_what_somebody_changed_meanwhile_is_refused(api_of, bob, alice):
    first = write(api_of(bob), "One")
    path = f"{POSTS}{first.json()['id']}/"
    api_of(alice).patch(path, {"title": "Alice was faster"})

    answer = api_of(bob).patch(path, {"title": "Bob too"}, headers={"If-Match": first["ETag"]})

    assert (answer.status_code, slug(answer)) == (412, "precondition-failed")
    newest = api_of(bob).get(path)
    assert newest.json()["title"] == "Alice was faster"
    assert api_of(bob).patch(path, {"title": "Now"}, headers={"If-Match": newest["ETag"]}).status_code == 200
    assert api_of(bob).get(path, headers={"If-None-Match": newest["ETag"]}).status_code == 200
    unchanged = api_of(bob).get(path, headers={"If-None-Match": api_of(bob).get(path)["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_who_asks_again_learns_of_all_that_is_shown_and_may_overwrite_what_is_the_same(api_of, bob, bluesky):
    first = write(api_of(bob), "One", channels=[str(bluesky.pk)])
    path = f"{POSTS}{first.json()['id']}/"
    type(bluesky).objects.filter(pk=bluesky.pk).update(name="Renamed")
    again = api_of(bob).get(path, headers={"If-None-Match": first["ETag"]})
    assert again.json()["channels"][0]["name"] == "Renamed"
    assert api_of(bob).patch(path, {"title": "Mine"}, headers={"If-Match": first["ETag"]}).status_code == 200

    known = api_of(bob).get(path)["ETag"]
    SocialPost.objects.filter(uuid=first.json()["id"]).update(draft_state=SocialPost.State.IN_REVIEW)
    assert api_of(bob).get(path, headers={"If-None-Match": known}).json()["draft_state"] == "in_review"
    assert api_of(bob).patch(path, {"title": "Late"}, headers={"If-Match": known}).status_code == 412


def test_a_duplicate_is_a_draft_of_its_own(api_of, bob, bluesky):
    post = write(api_of(bob), "Again and again", channels=[str(bluesky.pk)]).json()

    twin = api_of(bob).post(f"{POSTS}{post['id']}/duplicate/")

    assert twin.status_code == 201, twin.content
    assert twin.json()["id"] != post["id"]
    assert twin.json()["segments"] == post["segments"]
    assert twin.json()["channels"] == post["channels"]


def test_deleting_calls_off_what_has_not_gone_out(api_of, alice, bob, bluesky):
    post = write(api_of(alice), "Never mind", channels=[str(bluesky.pk)]).json()
    path = f"{POSTS}{post['id']}/"
    for step, body in (("submit", {}), ("approve", {}), ("schedule", {"local_time": in_days(2)})):
        assert api_of(alice).post(f"{path}{step}/", body).status_code == 200

    assert api_of(bob).delete(path).status_code == 403  # a Member may not call off what is scheduled
    assert api_of(alice).delete(path).status_code == 204

    assert Delivery.objects.get().state == Delivery.State.CANCELLED
    assert not SocialPost.objects.exists()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=heat", ["On heat"]),
        ("q=HEAT+recovery", []),
        ("state=draft", ["On heat", "On water"]),
        ("state=published", []),
        ("network=bluesky", ["On heat"]),
        ("network=x", []),
    ],
)
def test_posts_are_found_by_words_state_and_network(api_of, acme, bob, bluesky, query, expected):
    create_draft(organization=acme, user=bob, segments=[segment("On heat")], channels=[bluesky])
    create_draft(organization=acme, user=bob, segments=[segment("On water")])

    found = api_of(bob).get(f"{POSTS}?{query}")

    assert sorted(post["title"] for post in found.json()["results"]) == expected


def test_an_outsider_sees_nothing_and_changes_nothing(api_of, acme, bob, charlie, globex, theirs):
    post = create_draft(organization=acme, user=bob, segments=[segment("Ours alone")])
    path = f"{POSTS}{post.uuid}/"
    outsider = api_of(charlie)

    assert outsider.get(POSTS).json()["results"] == []
    assert outsider.get(f"{POSTS}?organization_id={acme.pk}").status_code == 404
    assert outsider.get(f"{POSTS}?channel={uuid.uuid4()}").json()["results"] == []
    assert outsider.get(path).status_code == 404
    for step in ("submit", "approve", "request-changes", "schedule", "unschedule", "publish", "duplicate"):
        assert outsider.post(f"{path}{step}/", {"comment": "x", "local_time": in_days(1)}).status_code == 404
    assert outsider.patch(path, {"title": "Mine"}).status_code == 404
    assert outsider.delete(path).status_code == 404
    assert SocialPost.objects.get(pk=post.pk).draft_title == "Ours alone"


def test_a_channel_of_somebody_else_does_not_exist(api_of, bob, theirs):
    answer = write(api_of(bob), "To whom?", channels=[str(theirs.pk)])

    assert answer.status_code == 400
    assert "Secret" not in answer.content.decode()


@pytest.mark.parametrize(
    ("step", "allowed"),
    [
        ("submit", {"alice", "adam", "bob"}),
        ("approve", {"alice", "adam"}),
        ("request-changes", {"alice", "adam"}),
        ("schedule", {"alice", "adam"}),
        ("unschedule", {"alice", "adam"}),
        ("publish", {"alice", "adam"}),
        ("duplicate", {"alice", "adam", "bob"}),
    ],
)
def test_each_step_asks_the_table_of_roles(api_of, acme, alice, adam, bob, vera, step, allowed):
    post = create_draft(organization=acme, user=bob, segments=[segment("Who may?")])

    for person in (alice, adam, bob, vera):
        answer = api_of(person).post(f"{POSTS}{post.uuid}/{step}/", {"comment": "Please", "local_time": in_days(1)})
        assert (answer.status_code != 403) == (person.first_name.lower() in allowed), person


def test_listing_takes_as_many_queries_for_thirty_posts_as_for_three(
    api_of, acme, bob, bluesky, django_assert_num_queries, django_assert_max_num_queries
):
    client = api_of(bob)
    for number in range(3):
        create_draft(organization=acme, user=bob, segments=[segment(f"Post {number}")], channels=[bluesky])
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(POSTS)  # which plan holds is known for a while
    with CaptureQueriesContext(connection) as few:
        assert len(client.get(f"{POSTS}?page_size=50").json()["results"]) == 3
    for number in range(27):
        create_draft(organization=acme, user=bob, segments=[segment(f"Post {number}")], channels=[bluesky])
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(f"{POSTS}?page_size=50").json()["results"]) == 30
    assert len(many) == len(few)
