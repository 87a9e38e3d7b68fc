import datetime

import pytest
from django.urls import reverse

from content_studio import planning, queueing
from content_studio.calendar import RangeTooLong, planned_between
from content_studio.factories import make_approved, make_post
from content_studio.models import SocialPost
from publishing.models import Channel, Delivery

pytestmark = pytest.mark.django_db

DAY = datetime.datetime(2099, 6, 10)


@pytest.fixture
def channel(acme):
    return Channel.objects.create(organization=acme, network="mastodon", name="Acme", sandbox=True)


def plan(post, local, zone="Europe/Berlin"):
    SocialPost.objects.filter(pk=post.pk).update(
        planned_local=local.replace(tzinfo=datetime.UTC), planned_timezone=zone
    )


def read(client, start, end, **more):
    data = {"start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{end:%Y-%m-%dT%H:%M}", **more}
    return client.get(reverse("calendar_entries"), data)


def test_posts_of_other_zones_are_shown_on_the_clock_that_was_asked_for(acme, bob):
    post = make_post(acme, user=bob)
    plan(post, DAY.replace(hour=23), "America/New_York")
    ((at, found),) = planned_between(
        acme, DAY + datetime.timedelta(days=1), DAY + datetime.timedelta(days=2), zone="Europe/Berlin"
    )
    assert found == post
    assert at == datetime.datetime(2099, 6, 11, 5, 0)
    assert planned_between(acme, DAY, DAY + datetime.timedelta(days=1), zone="Europe/Berlin") == []


def test_only_the_range_is_read_and_only_ones_own(acme, bob, globex, charlie):
    inside, before, after = (make_post(acme, user=bob, text=text) for text in ("Inside", "Before", "After"))
    foreign = make_post(globex, user=charlie)
    plan(inside, DAY.replace(hour=9))
    plan(before, DAY - datetime.timedelta(days=1))
    plan(after, DAY + datetime.timedelta(days=1))
    plan(foreign, DAY.replace(hour=9))
    found = planned_between(acme, DAY, DAY + datetime.timedelta(days=1), zone="Europe/Berlin")
    assert [post for _at, post in found] == [inside]


def test_a_range_that_is_too_long_is_refused(acme):
    with pytest.raises(RangeTooLong):
        planned_between(acme, DAY, DAY + datetime.timedelta(days=400), zone="UTC")


def test_the_answer_names_state_channels_and_who_may_move_it(client, acme, bob, adam, vera, channel):
    post = make_post(acme, user=bob, channels=[channel])
    plan(post, DAY.replace(hour=9))
    for person, editable in ((bob, True), (vera, False)):
        client.force_login(person)
        (entry,) = read(client, DAY, DAY + datetime.timedelta(days=1), zone="Europe/Berlin").json()["entries"]
        assert entry["start"] == "2099-06-10T09:00:00"
        assert entry["extendedProps"]["networks"] == ["Mastodon"]
        assert entry["startEditable"] is editable


def test_filters_narrow_what_is_shown(client, acme, bob, alice, channel):
    mine = make_post(acme, user=bob, channels=[channel])
    hers = make_post(acme, user=alice, text="Hers")
    for post in (mine, hers):
        plan(post, DAY.replace(hour=9))
    planning.submit_post(mine, user=bob)
    client.force_login(bob)
    for wanted in (
        {"network": "mastodon"},
        {"channel": str(channel.pk)},
        {"state": "in_review"},
        {"person": str(bob.pk)},
    ):
        entries = read(client, DAY, DAY + datetime.timedelta(days=1), **wanted).json()["entries"]
        assert [entry["id"] for entry in entries] == [str(mine.pk)], wanted


def test_a_range_that_cannot_be_read_is_a_sentence_not_an_error_page(client, bob):
    client.force_login(bob)
    answer = client.get(reverse("calendar_entries"), {"start": "soon", "end": "later"})
    assert answer.status_code == 400 and answer.json()["message"]


def test_moving_says_first_what_it_means_and_then_moves_the_delivery(client, acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    planning.schedule_post(post, local_time=DAY.replace(hour=9), timezone="America/New_York", user=adam)
    client.force_login(adam)
    data = {"post": post.pk, "local_time": "2099-06-12T15:00", "timezone": "Europe/Berlin"}
    meaning = client.get(reverse("calendar_move"), data).json()
    assert meaning["scheduled"] and not meaning["passed"]
    assert "15:00 Europe/Berlin" in meaning["when"] and "09:00 America/New_York" in meaning["own"]
    assert client.post(reverse("calendar_move"), data).status_code == 200
    delivery = Delivery.objects.get()
    assert delivery.local_time.replace(tzinfo=None) == datetime.datetime(2099, 6, 12, 9, 0)
    assert delivery.timezone == "America/New_York"


def test_moving_into_a_clock_change_is_explained(client, acme, bob):
    post = make_post(acme, user=bob)
    plan(post, DAY)
    client.force_login(bob)
    data = {"post": post.pk, "local_time": "2027-03-28T02:30", "timezone": "Europe/Berlin"}
    assert "forward" in client.get(reverse("calendar_move"), data).json()["note"]


def test_nobody_moves_what_their_role_or_organization_forbids(client, acme, bob, adam, vera, channel, charlie, globex):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    planning.schedule_post(post, local_time=DAY, timezone="Europe/Berlin", user=adam)
    data = {"post": post.pk, "local_time": "2099-06-12T15:00", "timezone": "Europe/Berlin"}
    for person, status in ((bob, 403), (vera, 403), (charlie, 404)):
        client.force_login(person)
        answer = client.post(reverse("calendar_move"), data)
        assert answer.status_code == status, person
        assert answer.json()["message"]
    assert Delivery.objects.get().local_time.replace(tzinfo=None) == DAY


def test_the_past_is_refused_with_a_reason(client, acme, bob):
    post = make_post(acme, user=bob)
    plan(post, DAY)
    client.force_login(bob)
    data = {"post": post.pk, "local_time": "2020-01-01T09:00", "timezone": "Europe/Berlin"}
    answer = client.post(reverse("calendar_move"), data)
    assert answer.status_code == 409 and "passed" in answer.json()["message"]


def test_free_slots_of_queues_are_shown_when_asked_for_and_taken_ones_are_not(client, acme, bob, adam, channel):
    queueing.add_slots(channel, weekdays=range(7), times=[datetime.time(9)], user=adam)
    queueing.set_zone(channel, timezone="America/New_York", user=adam)
    post = make_post(acme, user=bob, channels=[channel])
    plan(post, DAY.replace(hour=9), "America/New_York")
    client.force_login(bob)
    end = DAY + datetime.timedelta(days=3)
    assert len(read(client, DAY, end, zone="Europe/Berlin").json()["entries"]) == 1
    entries = read(client, DAY, end, zone="Europe/Berlin", slots="1").json()["entries"]
    free = [entry for entry in entries if "st-event--slot" in entry["classNames"]]
    assert [entry["start"] for entry in free] == ["2099-06-11T15:00:00", "2099-06-12T15:00:00"]
    assert "planned=2099-06-11T09%3A00" in free[0]["url"] and "America%2FNew_York" in free[0]["url"]
    chosen = client.get(free[0]["url"])
    assert list(chosen.context["form"].initial["channels"]) == [channel]
    queueing.pause_queue(channel, user=adam)
    assert len(read(client, DAY, end, zone="Europe/Berlin", slots="1").json()["entries"]) == 1
