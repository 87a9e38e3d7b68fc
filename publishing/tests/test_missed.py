"""Posts whose time went by: who is asked, what may be decided, and that no burst goes out."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from organizations.factories import PASSWORD
from publishing import deciding, missed, suspending
from publishing.announcing import announce
from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Delivery, PublishingPolicy

pytestmark = pytest.mark.django_db
State = Delivery.State
Missed = PublishingPolicy.Missed
MISSED = "/api/v1/deliveries/missed/"


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme, name="Acme on Mastodon")


@pytest.fixture
def as_alice(client, alice, acme):
    client.force_login(alice)
    return client


def signed_in(person):
    api = APIClient()
    token = api.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD}).json()["access"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return api


def held(channel, **more):
    return DeliveryFactory(
        channel=channel,
        state=State.HELD,
        failure="Its time went by.",
        failure_kind="missed",
        **{"due_at": timezone.now() - timedelta(hours=3), **more},
    )


def waits(delivery) -> int:
    """Minutes until it leaves."""
    delivery.refresh_from_db()
    return round((delivery.next_attempt_at - timezone.now()).total_seconds() / 60)


def miss(channel, count=1):
    rows = [DeliveryFactory(channel=channel, due_at=timezone.now() - timedelta(hours=1)) for _each in range(count)]
    missed.decide()
    return rows


def test_asking_is_what_happens_where_nobody_chose_and_one_letter_serves_a_burst(
    channel, acme, alice, adam, bob, vera, mailoutbox
):
    miss(channel, 3)
    miss(ChannelFactory(organization=acme, name="Acme on X"), 9)
    while announce():
        pass
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([alice.email, adam.email]), "those who may publish"
    letter = mailoutbox[0]
    assert letter.subject == "12 posts have missed their time: Acme"
    assert "and 2 more" in letter.body
    assert reverse("missed") in letter.body
    miss(channel)
    announce()
    assert len(mailoutbox) == 2, "nobody is written to twice within the hour"
    PublishingPolicy.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    miss(channel)
    announce()
    assert len(mailoutbox) == 4


def test_holding_back_writes_to_nobody_and_the_list_has_it_all_the_same(channel, acme, alice, mailoutbox):
    PublishingPolicy.objects.create(organization=acme, missed=Missed.HOLD)
    (row,) = miss(channel)
    announce()
    assert mailoutbox == []
    assert list(deciding.undecided(acme)) == [row]


def test_nobody_is_asked_about_what_is_decided_before_the_letter_is_written(channel, acme, alice, mailoutbox):
    (row,) = miss(channel)
    deciding.decide(acme, "drop", user=alice, ids=[row.pk])
    announce()
    assert mailoutbox == []


def test_many_that_are_sent_leave_one_after_another_on_each_channel(channel, acme, alice):
    PublishingPolicy.objects.create(organization=acme, spacing_minutes=4)
    rows = [held(channel, due_at=timezone.now() - timedelta(hours=9 - n)) for n in range(3)]
    other = held(ChannelFactory(organization=acme))
    outcome = deciding.decide(acme, "send", user=alice)
    assert [waits(row) for row in [*rows, other]] == [0, 4, 8, 0]
    assert (len(outcome.decided), outcome.left) == (4, [])
    assert deliver_due() == 2
    assert Delivery.objects.filter(state=State.PUBLISHED).count() == 2
    later = held(channel)
    deciding.decide(acme, "send", user=alice, ids=[later.pk])
    assert waits(later) == 12, "a second decision queues behind the first"


def test_what_is_moved_keeps_its_wall_clock_time_and_is_spaced_out(channel, acme, alice):
    PublishingPolicy.objects.create(organization=acme, spacing_minutes=5)
    rows = [held(channel), held(channel)]
    deciding.decide(acme, "move", user=alice, local_time=datetime(2099, 5, 1, 9), timezone="Asia/Tokyo")
    for row in rows:
        row.refresh_from_db()
    assert [f"{row.local_time:%H:%M} {row.timezone} {row.due_at:%H:%M}" for row in rows] == [
        "09:00 Asia/Tokyo 00:00",
        "09:05 Asia/Tokyo 00:05",
    ]
    assert {(row.state, row.failure, row.late_allowed) for row in rows} == {(State.SCHEDULED, "", False)}


def test_resuming_and_holding_back_leads_to_the_same_list(channel, acme, alice):
    suspending.suspend_publishing(acme, user=alice)
    row = DeliveryFactory(channel=channel)
    suspending.resume_publishing(acme, user=alice)
    assert list(deciding.undecided(acme)) == [row]
    deciding.decide(acme, "send", user=alice, ids=[row.pk])
    assert deliver_due() == 1


def test_the_studio_lists_what_was_missed_and_sends_moves_and_drops_it(as_alice, channel, globex):
    sent, moved, dropped, kept = (held(channel, text=f"Post {name}") for name in ("one", "two", "three", "four"))
    held(ChannelFactory(organization=globex), text="Theirs")
    for name in ("missed", "publishing", "wagtailadmin_home"):
        page = as_alice.get(reverse(name)).content.decode()
        assert "Post one" in page, name
        assert "Theirs" not in page, name

    def say(**said):
        return as_alice.post(reverse("missed_decide"), said, follow=True).content.decode()

    assert "1 post leaves at" in say(decision="send", delivery=[sent.pk])
    assert "1 post is moved to 2099-05-01 09:00" in say(
        decision="move", delivery=[moved.pk], local_time="2099-05-01T09:00"
    )
    assert "1 post is dropped" in say(decision="drop", delivery=[dropped.pk])
    assert "left as it is" in say(decision="drop", delivery=[sent.pk])
    assert "Choose at least one" in say(decision="drop")
    assert "to which day and time" in say(decision="move", delivery=[kept.pk])
    assert "already passed" in say(decision="move", delivery=[kept.pk], local_time="2020-01-01T09:00")
    states = [Delivery.objects.get(pk=row.pk).state for row in (sent, moved, dropped, kept)]
    assert states == [State.SCHEDULED, State.SCHEDULED, State.CANCELLED, State.HELD]


def test_whoever_may_not_publish_looks_and_decides_nothing(client, channel, bob):
    row = held(channel, text="Post one")
    client.force_login(bob)
    page = client.get(reverse("missed")).content.decode()
    assert "Post one" in page
    assert "Send now" not in page
    client.post(reverse("missed_decide"), {"decision": "drop", "delivery": [row.pk]})
    answer = signed_in(bob).post(MISSED, {"decision": "drop", "all": True}, format="json")
    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.state == State.HELD


def test_the_api_lists_and_decides_and_repeats_nothing_for_the_same_key(channel, acme, alice):
    rows = [held(channel) for _each in range(3)]
    DeliveryFactory(channel=channel, state=State.FAILED)
    api = signed_in(alice)
    assert {item["id"] for item in api.get(MISSED).json()["results"]} == {str(row.pk) for row in rows}
    said = {"decision": "send", "deliveries": [str(rows[0].pk), str(rows[1].pk)]}
    first = api.post(MISSED, said, format="json", headers={"idempotency-key": "one"})
    assert first.json()["left"] == []
    assert len(first.json()["decided"]) == 2
    assert api.post(MISSED, said, format="json", headers={"idempotency-key": "one"}).json() == first.json()
    assert len(api.post(MISSED, said, format="json").json()["left"]) == 2, "asked anew, there is nothing to decide"
    for bad in ({"decision": "move", "all": True}, {"decision": "drop"}, {**said, "all": True}):
        assert api.post(MISSED, bad, format="json").status_code == 400, bad
    answer = api.post(
        MISSED, {"decision": "move", "all": True, "local_time": "2099-05-01T09:00:00", "timezone": "UTC"}, format="json"
    )
    assert answer.json()["last_at"] == "2099-05-01T09:00:00Z"


def test_an_outsiders_delivery_is_not_found_and_nothing_else_is_changed(channel, globex, as_alice, alice):
    mine, theirs = held(channel), held(ChannelFactory(organization=globex))
    for other in (theirs.pk, uuid4()):
        said = {"decision": "drop", "deliveries": [str(mine.pk), str(other)]}
        assert signed_in(alice).post(MISSED, said, format="json").status_code == 404
    as_alice.post(reverse("missed_decide"), {"decision": "drop", "delivery": [mine.pk, theirs.pk]})
    as_alice.post(reverse("missed_decide"), {"decision": "drop", "all": "on", "delivery": []})
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, theirs.state) == (State.CANCELLED, State.HELD), "all are all of one's own"


def test_a_post_that_is_out_without_its_comment_is_not_dropped(channel, acme, alice):
    row = held(channel, remote_id="7")
    assert deciding.decide(acme, "drop", user=alice).left == [row.pk]


@pytest.mark.parametrize("name", ["missed", "publishing", "wagtailadmin_home"])
def test_the_list_takes_the_same_number_of_queries_for_one_and_for_many(as_alice, channel, acme, name):
    held(channel)
    as_alice.get(reverse(name))
    with CaptureQueriesContext(connection) as few:
        as_alice.get(reverse(name))
    for _more in range(5):
        held(ChannelFactory(organization=acme))
    with CaptureQueriesContext(connection) as many:
        as_alice.get(reverse(name))
    assert len(many) == len(few)
