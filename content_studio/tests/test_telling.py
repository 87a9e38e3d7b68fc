"""Tools are told of every step of a post and of its copies, in the order in which they happened."""

import datetime

import pytest
from django.utils import timezone

from content_studio import drafting, planning, sorting
from content_studio.drafting import create_draft, segment
from content_studio.labels import Label
from publishing import health
from publishing.announcing import announce
from publishing.claiming import Job, Record
from publishing.delivering import deliver_due
from publishing.models import Attempt, Channel, Delivery
from webhooks import announcing, endpoints
from webhooks.events import CHOOSABLE
from webhooks.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(acme, adam, settings):
    """`told()` answers with the kinds of events since it was asked last."""
    announcing._heard.clear()
    every = [value for value, _label in CHOOSABLE]
    endpoints.create_endpoint(acme, url="https://example.com/hook", event_types=every, user=adam)
    seen = set()

    def since_last():
        new = [event for event in Event.objects.order_by("occurred_at") if event.pk not in seen]
        seen.update(event.pk for event in new)
        return [event.type for event in new]

    yield since_last
    announcing._heard.clear()


@pytest.fixture
def channel(acme):
    return Channel.objects.create(organization=acme, network="bluesky", name="Acme on Bluesky", sandbox=True)


def in_days(days):
    return (timezone.now() + datetime.timedelta(days=days)).replace(tzinfo=None, microsecond=0)


def test_every_step_of_a_post_is_told_once_and_by_whom(acme, alice, bob, channel, told):
    post = create_draft(organization=acme, user=bob, segments=[segment("Hello")], channels=[channel])
    assert told() == ["post.created"]
    drafting.revise(post, user=bob, segments=[segment("Hello again")])
    sorting.sort_post(post, user=bob, labels=[Label.objects.create(organization=acme, name="Urgent")])
    assert told() == ["post.updated"] * 2
    planning.submit_post(post, user=bob)
    planning.request_changes(post, user=alice, comment="Shorter")
    assert told() == ["post.submitted", "post.changes_requested"]
    assert Event.objects.get(type="post.changes_requested").data["comment"] == "Shorter"
    planning.submit_post(post, user=bob)
    planning.withdraw_post(post, user=bob)
    planning.submit_post(post, user=bob)
    planning.approve_post(post, user=alice)
    assert told() == ["post.submitted", "post.withdrawn", "post.submitted", "post.approved"]
    planning.schedule_post(post, local_time=in_days(2), timezone="Europe/Berlin", user=alice)
    planning.unschedule_post(post, user=alice)
    assert told() == ["post.scheduled", "post.unscheduled"]
    approved = Event.objects.get(type="post.approved").data
    assert approved["post"]["id"] == str(post.uuid)
    assert approved["post"]["state"] == "approved"
    assert approved["actor"] == {"id": str(alice.pk), "name": "Alice"}
    drafting.delete_post(post, user=alice)
    assert "post.deleted" in told()


def test_a_copys_way_is_told_from_sending_to_published_with_its_post(acme, alice, channel, told):
    acme.approval_required = False
    acme.save()
    post = create_draft(organization=acme, user=alice, segments=[segment("Now")], channels=[channel])
    planning.publish_post_now(post, user=alice)
    told()

    deliver_due()
    announce()
    announce()

    assert told() == ["delivery.sending", "delivery.published", "post.published"]
    delivery = Event.objects.get(type="delivery.published").data["delivery"]
    assert delivery["permalink"] == Delivery.objects.get().permalink
    assert delivery["channel"] == {"id": str(channel.pk), "network": "bluesky", "name": "Acme on Bluesky"}


def test_news_that_is_told_again_after_a_crash_is_one_event(acme, alice, channel, told):
    acme.approval_required = False
    acme.save()
    post = create_draft(organization=acme, user=alice, segments=[segment("Now")], channels=[channel])
    planning.publish_post_now(post, user=alice)
    deliver_due()
    announce()
    told()
    Delivery.objects.update(news_pending=True)  # as if the announcer had died before it noted that it was done

    announce()

    assert told() == []


def test_what_goes_wrong_is_told(acme, alice, channel, told, settings):
    acme.approval_required = False
    acme.save()
    settings.PUBLISHING_ATTEMPTS = 2
    channel.options = {"sandbox": {"behaviour": "unavailable"}}
    channel.save()
    post = create_draft(organization=acme, user=alice, segments=[segment("Now")], channels=[channel])
    planning.publish_post_now(post, user=alice)
    told()
    for _again in range(2):
        Channel.objects.update(paused_until=None, failures_in_a_row=0)
        Delivery.objects.update(next_attempt_at=timezone.now())
        deliver_due()
    announce()

    assert told() == ["delivery.sending", "delivery.retrying", "delivery.sending", "delivery.failed", "post.failed"]


def test_a_channel_that_must_be_connected_again_is_told_once(acme, channel, told):
    job = Job(None, channel, "sending", {}, [], timezone.now(), timezone.now(), 1, 0)
    for _again in range(2):
        health.note([Record(job, "failed", Attempt.Outcome.RECONNECT, explanation="The access was taken back.")])
    assert told() == ["channel.needs_reconnect"]
    assert Event.objects.get(type="channel.needs_reconnect").data["reason"] == "The access was taken back."


def test_where_nobody_listens_nothing_is_written(acme, bob):
    create_draft(organization=acme, user=bob, segments=[segment("Quiet")])
    assert not Event.objects.exists()
