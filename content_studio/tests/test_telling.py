"""Tools are told of every step of a post and of its copies, in the order in which they happened."""

import datetime

import pytest
from django.utils import timezone

from content_studio import client_review, commenting, drafting, planning, sorting, stages
from content_studio.drafting import create_draft, segment
from content_studio.labels import Label
from content_studio.review_links import LinkedPost, Remark
from publishing import health, resolving, scheduling
from publishing.announcing import announce
from publishing.delivering import deliver_due
from publishing.jobs import Job, Record
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
    assert told() == ["delivery.scheduled", "post.scheduled", "post.unscheduled"]
    planning.plan_post(post, local_time=in_days(3), timezone="Europe/Berlin", user=alice)
    assert told() == ["post.planned"]
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


def test_what_people_say_about_a_post_is_told(acme, alice, bob, told):
    post = drafting.create_draft(organization=acme, user=bob, segments=[segment("Hello")])
    told()
    comment = commenting.comment_on(post, user=alice, text="Shorter?")
    reply = commenting.answer(post, comment, user=bob, text="Done")
    commenting.edit(post, comment, user=alice, text="Shorter, please?")
    commenting.edit(post, comment, user=alice, text="Shorter, please?")
    commenting.edit(post, reply, user=bob, text="Done now")
    commenting.delete(post, reply, user=bob)
    commenting.resolve(post, comment, user=alice)
    commenting.resolve(post, comment, user=bob)
    commenting.delete(post, comment, user=alice)

    assert told() == [
        "comment.created",
        "comment.replied",
        "comment.edited",
        "comment.reply_edited",
        "comment.reply_deleted",
        "comment.resolved",
        "comment.deleted",
    ]
    made, answered, edited, reply_edited, *_more = Event.objects.filter(type__startswith="comment.").order_by(
        "occurred_at"
    )
    assert edited.data["comment"]["text"] == "Shorter, please?"
    assert reply_edited.data["reply"] == {**answered.data["reply"], "text": "Done now"}
    assert made.data["comment"]["text"] == "Shorter?" and made.data["actor"]["name"] == "Alice"
    assert answered.data["reply"]["text"] == "Done"
    assert answered.data["comment"]["id"] == made.data["comment"]["id"]


def test_what_a_client_decides_and_says_is_told_with_who_the_client_is(acme, alice, bob, told):
    (stage,) = stages.stages_of(acme)
    stages.save_stage(acme, user=alice, name="Client", by_link=True, stage=stage)
    post = drafting.create_draft(organization=acme, user=bob, segments=[segment("Hello")])
    link = client_review.make_link(acme, user=alice, name="Clara & Co", posts=[post], may_approve=True)
    planning.submit_post(post, user=bob)
    told()
    for kind in (Remark.Kind.COMMENT, Remark.Kind.APPROVED):
        client_review.take_remark(link, LinkedPost.objects.get(), kind=kind, person="Clara", text="Lovely")

    assert told() == ["client.commented", "post.approved"]
    approved = Event.objects.get(type="post.approved").data
    assert approved["actor"] is None and approved["post"]["state"] == "approved"
    assert approved["client"] == {"name": "Clara", "review_link": {"id": str(link.pk), "name": "Clara & Co"}}


def test_what_fails_again_after_a_person_had_it_tried_again_is_told_again(acme, alice, channel, told):
    acme.approval_required = False
    acme.save()
    channel.options = {"sandbox": {"behaviour": "refuses"}}
    channel.save()
    post = create_draft(organization=acme, user=alice, segments=[segment("Now")], channels=[channel])
    planning.publish_post_now(post, user=alice)
    for _again in range(2):
        deliver_due()
        announce()
        assert "delivery.failed" in told()
        scheduling.retry_delivery(Delivery.objects.get(), user=alice)
        assert told() == ["delivery.retrying"]


def test_a_copy_that_gets_another_time_or_is_sent_again_by_a_persons_word_is_told(acme, alice, channel, told):
    acme.approval_required = False
    acme.save()
    post = create_draft(organization=acme, user=alice, segments=[segment("Later")], channels=[channel])
    for days in (2, 3, 2):
        planning.schedule_post(post, local_time=in_days(days), timezone="UTC", user=alice)
    assert told().count("delivery.scheduled") == 3
    Delivery.objects.update(state=Delivery.State.UNKNOWN, asks_person=True)
    resolving.say_it_was_not_sent(Delivery.objects.get(), user=alice)
    assert told() == ["delivery.retrying"]


def test_where_nobody_listens_nothing_is_written(acme, bob):
    create_draft(organization=acme, user=bob, segments=[segment("Quiet")])
    assert not Event.objects.exists()
