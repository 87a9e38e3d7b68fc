from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from organizations.problems import Conflict
from publishing import scheduling
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.localtime import to_local
from publishing.messages import Message, Segment
from publishing.models import Delivery
from publishing.scheduling import (
    ChannelUnusable,
    TimeHasPassed,
    cancel_deliveries,
    follow_zone_rules,
    publish_now,
    reschedule_deliveries,
    retry_delivery,
    schedule_deliveries,
)

pytestmark = pytest.mark.django_db
State = Delivery.State
HELLO = Message(segments=(Segment(text="Hello"),))


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme)


def tomorrow(zone="Europe/Berlin"):
    return to_local(timezone.now() + timedelta(days=1), zone).replace(second=0, microsecond=0)


def plan(organization, channels, *, post_id=None, revision_id=1, message=HELLO, local_time=None):
    return schedule_deliveries(
        organization=organization,
        post_id=post_id or uuid4(),
        revision_id=revision_id,
        messages=dict.fromkeys(channels, message),
        local_time=local_time or tomorrow(),
        timezone="Europe/Berlin",
        user=None,
    )


def test_one_delivery_per_channel_with_the_message_frozen(acme, channel):
    other = ChannelFactory(organization=acme, network="bluesky")
    deliveries = plan(acme, [channel, other])
    assert {delivery.channel for delivery in deliveries} == {channel, other}
    assert deliveries[0].as_message == HELLO
    assert deliveries[0].content_hash == HELLO.content_hash()
    assert to_local(deliveries[0].due_at, "Europe/Berlin") == tomorrow()


def test_saying_it_twice_changes_nothing(acme, channel):
    first = plan(acme, [channel])
    second = plan(acme, [channel])
    assert [delivery.pk for delivery in first] == [delivery.pk for delivery in second]
    assert Delivery.objects.count() == 1


def test_a_time_that_has_passed_is_refused(acme, channel):
    with pytest.raises(TimeHasPassed, match="already passed"):
        plan(acme, [channel], local_time=tomorrow() - timedelta(days=2))
    assert not Delivery.objects.exists()


def test_a_channel_of_another_organization_is_refused(acme, globex):
    with pytest.raises(ChannelUnusable):
        plan(acme, [ChannelFactory(organization=globex)])


def test_a_disconnected_channel_is_refused_by_name(acme):
    gone = ChannelFactory(organization=acme, state="disconnected", name="Old account")
    with pytest.raises(ChannelUnusable, match="Old account"):
        plan(acme, [gone])


def test_a_later_revision_takes_the_place_of_what_still_waits(acme, channel):
    post = uuid4()
    (old,) = plan(acme, [channel], post_id=post, revision_id=1)
    (new,) = plan(acme, [channel], post_id=post, revision_id=2, message=Message(segments=(Segment(text="Better"),)))
    old.refresh_from_db()
    assert (old.state, new.state) == (State.CANCELLED, State.SCHEDULED)


def test_after_cancelling_the_same_revision_can_be_scheduled_again(acme, channel):
    post = uuid4()
    plan(acme, [channel], post_id=post)
    assert cancel_deliveries(post_id=post) == 1
    (again,) = plan(acme, [channel], post_id=post)
    assert again.state == State.SCHEDULED


def test_publish_now_is_due_at_once_and_brings_forward_what_was_planned(acme, channel):
    post = uuid4()
    (planned,) = plan(acme, [channel], post_id=post)
    (now,) = publish_now(organization=acme, post_id=post, revision_id=1, messages={channel: HELLO}, user=None)
    assert now.pk == planned.pk
    assert now.is_due()


def test_rescheduling_moves_only_what_has_not_left(acme, channel):
    post = uuid4()
    plan(acme, [channel], post_id=post)
    gone = DeliveryFactory(channel=channel, post_id=post, state=State.PUBLISHED)
    later = tomorrow() + timedelta(days=3)
    (moved,) = reschedule_deliveries(post_id=post, local_time=later, timezone="America/New_York")
    assert to_local(moved.due_at, "America/New_York") == later
    assert moved.next_attempt_at == moved.due_at
    was = gone.due_at
    gone.refresh_from_db()
    assert gone.due_at == was


def test_what_is_being_sent_cannot_be_cancelled(acme, channel):
    delivery = DeliveryFactory(channel=channel, state=State.SENDING)
    assert cancel_deliveries(post_id=delivery.post_id) == 0
    with pytest.raises(Conflict):
        delivery.move_to(State.CANCELLED)


@pytest.mark.parametrize("state", [State.PUBLISHED, State.SENDING, State.UNKNOWN, State.CANCELLED])
def test_only_what_failed_or_waits_is_retried(channel, state):
    with pytest.raises(Conflict):
        retry_delivery(DeliveryFactory(channel=channel, state=state), user=None)


def test_of_two_people_at_once_only_one_moves_a_delivery(channel):
    delivery = DeliveryFactory(channel=channel, state=State.FAILED)
    same = Delivery.objects.get(pk=delivery.pk)
    delivery.move_to(State.CANCELLED)
    with pytest.raises(Conflict, match="Cancelled"):
        same.move_to(State.RETRYING)


def test_when_a_zones_rules_change_the_wall_clock_time_stays(acme, channel):
    (delivery,) = plan(acme, [channel])
    due = delivery.due_at
    Delivery.objects.update(due_at=due + timedelta(hours=1), next_attempt_at=due + timedelta(hours=1))  # older rules
    assert follow_zone_rules() == 1
    delivery.refresh_from_db()
    assert (delivery.due_at, delivery.next_attempt_at) == (due, due)
    assert follow_zone_rules() == 0


def test_a_post_that_a_person_moves_while_zone_rules_are_followed_stays_where_it_was_put(channel, monkeypatch):
    due = timezone.now() + timedelta(days=3)
    delivery = DeliveryFactory(channel=channel, due_at=due)
    Delivery.objects.update(due_at=due - timedelta(hours=1), next_attempt_at=due - timedelta(hours=1))
    theirs = due + timedelta(days=1)
    real = scheduling.to_utc

    def moved_meanwhile(local, zone):
        Delivery.objects.update(due_at=theirs, next_attempt_at=theirs)
        return real(local, zone)

    monkeypatch.setattr(scheduling, "to_utc", moved_meanwhile)
    assert follow_zone_rules() == 0
    delivery.refresh_from_db()
    assert delivery.due_at == delivery.next_attempt_at == theirs
