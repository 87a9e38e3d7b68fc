import datetime

import pytest
from django.utils import timezone as clock

from content_studio import following, planning
from content_studio.drafting import revise, segment
from content_studio.factories import make_approved, make_post
from content_studio.models import SocialPost
from content_studio.problems import ApprovalNeeded, ChecksFailed, NothingToPublish
from organizations.problems import Conflict, Forbidden, Problem
from publishing import deciding
from publishing.models import Channel, Delivery
from publishing.signals import delivery_finished

pytestmark = pytest.mark.django_db
State = SocialPost.State
TOMORROW = datetime.datetime.now(datetime.UTC).replace(
    hour=9, minute=0, second=0, microsecond=0, tzinfo=None
) + datetime.timedelta(days=2)


@pytest.fixture
def channel(acme):
    return Channel.objects.create(organization=acme, network="mastodon", name="Acme", sandbox=True)


@pytest.fixture
def second_channel(acme):
    return Channel.objects.create(organization=acme, network="linkedin", name="Acme Inc.", sandbox=True)


@pytest.fixture
def approved(acme, bob, adam, channel):
    return make_approved(acme, user=bob, approver=adam, channels=[channel])


def fresh(post):
    return SocialPost.objects.get(pk=post.pk)


def schedule(post, user, at=TOMORROW):
    return planning.schedule_post(post, local_time=at, timezone="Europe/Berlin", user=user)


def finish(delivery, state, **changes):
    """What the engine does when a delivery has come to its end."""
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **changes)
    delivery.refresh_from_db()
    delivery_finished.send(sender=Delivery, delivery=delivery)


def test_an_approved_post_is_scheduled_for_local_time_and_keeps_its_zone(approved, adam, channel):
    (delivery,) = schedule(approved, adam)
    assert delivery.channel == channel
    assert delivery.revision_id == approved.approved_revision_id
    post = fresh(approved)
    assert post.state == State.SCHEDULED
    assert post.planned_local.replace(tzinfo=None) == TOMORROW
    assert post.planned_timezone == "Europe/Berlin"


def test_what_is_sent_is_to_the_byte_what_was_approved(approved, adam, bob):
    schedule(approved, adam)
    revise(approved, user=bob, segments=[segment("Not approved by anybody.")])
    (delivery,) = approved.deliveries.all()
    assert [each["text"] for each in delivery.message["segments"]] == ["Our new kettle boils in a minute."]
    post = fresh(approved)
    assert (post.state, post.draft_state) == (State.SCHEDULED, State.DRAFT)


def test_nothing_unapproved_is_scheduled_or_published_by_anybody(acme, bob, adam, alice, channel):
    post = make_post(acme, user=bob, channels=[channel])
    planning.submit_post(post, user=bob)
    for person in (adam, alice):
        with pytest.raises(ApprovalNeeded):
            schedule(post, person)
        with pytest.raises(ApprovalNeeded):
            planning.publish_post_now(post, user=person)
    assert not Delivery.objects.exists()


def test_an_edit_after_approval_cannot_be_scheduled_without_a_new_approval(approved, adam, bob):
    revise(approved, user=bob, segments=[segment("Not approved by anybody.")])
    with pytest.raises(ApprovalNeeded):
        schedule(approved, adam)
    assert not Delivery.objects.exists()


def test_a_superuser_who_is_no_member_cannot_publish(approved, django_user_model):
    operator = django_user_model.objects.create_superuser(email="root@example.test", password="x")
    with pytest.raises(Forbidden):
        planning.publish_post_now(approved, user=operator)


def test_wagtails_own_publishing_sends_nothing(acme, bob, channel):
    post = make_post(acme, user=bob, channels=[channel])
    post.latest_revision.publish(skip_permission_checks=True)
    assert not Delivery.objects.exists()
    assert fresh(post).state == State.DRAFT


def test_a_member_cannot_schedule(approved, bob):
    with pytest.raises(Forbidden):
        schedule(approved, bob)


def test_where_no_approval_is_asked_for_a_draft_can_be_scheduled(acme, bob, adam, channel):
    acme.approval_required = False
    acme.save()
    post = make_post(acme, user=bob, channels=[channel])
    schedule(post, adam)
    assert fresh(post).state == State.SCHEDULED


def test_a_scheduled_draft_can_no_longer_be_overwritten_by_autosave(acme, bob, adam, channel):
    acme.approval_required = False
    acme.save()
    post = make_post(acme, user=bob, channels=[channel])
    schedule(post, adam)
    content = fresh(post).get_latest_revision_as_object()
    before = post.latest_revision
    assert content.save_revision(user=bob, overwrite_revision=before).pk != before.pk


def test_scheduling_twice_moves_the_same_delivery(approved, adam):
    (first,) = schedule(approved, adam)
    (second,) = schedule(approved, adam, at=TOMORROW + datetime.timedelta(hours=3))
    assert first.pk == second.pk
    assert second.local_time.replace(tzinfo=None) == TOMORROW + datetime.timedelta(hours=3)
    assert Delivery.objects.count() == 1


def test_a_scheduled_post_with_a_newer_draft_still_moves_as_it_was_approved(approved, adam, bob):
    schedule(approved, adam)
    revise(approved, user=bob, segments=[segment("Newer.")])
    (moved,) = schedule(approved, adam, at=TOMORROW + datetime.timedelta(days=1))
    assert moved.revision_id == approved.approved_revision_id


def test_a_newer_approved_version_replaces_the_scheduled_one(approved, adam, bob):
    (old,) = schedule(approved, adam)
    revise(approved, user=bob, segments=[segment("Better.")])
    planning.submit_post(approved, user=bob)
    assert fresh(approved).state == State.SCHEDULED
    planning.approve_post(approved, user=adam)
    assert fresh(approved).draft_state == State.APPROVED
    (new,) = schedule(approved, adam)
    old.refresh_from_db()
    assert old.state == Delivery.State.CANCELLED
    assert new.message["segments"][0]["text"] == "Better."
    assert fresh(approved).draft_state == State.SCHEDULED


def test_unscheduling_and_scheduling_again_works(approved, adam):
    schedule(approved, adam)
    planning.unschedule_post(approved, user=adam)
    assert fresh(approved).state == State.APPROVED
    with pytest.raises(Conflict):
        planning.unschedule_post(approved, user=adam)
    (delivery,) = schedule(approved, adam)
    assert delivery.state == Delivery.State.SCHEDULED


def test_the_past_is_refused(approved, adam):
    with pytest.raises(Problem):
        schedule(approved, adam, at=datetime.datetime(2020, 1, 1, 9, 0))
    assert fresh(approved).state == State.APPROVED


def test_a_post_without_channels_or_content_is_refused_with_a_reason(acme, bob, adam, channel):
    for text, channels in (("", [channel]), ("Hello", [])):
        acme.approval_required = False
        acme.save()
        post = make_post(acme, user=bob, text=text, channels=channels)
        with pytest.raises(NothingToPublish):
            planning.publish_post_now(post, user=adam)


def test_what_a_network_would_refuse_is_not_scheduled(acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, text="kettle " * 200, channels=[channel])
    with pytest.raises(ChecksFailed) as refusal:
        schedule(post, adam)
    assert refusal.value.extra["findings"]
    assert not Delivery.objects.exists()


def test_publish_now_is_due_at_once_on_every_channel(acme, bob, adam, channel, second_channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel, second_channel])
    deliveries = planning.publish_post_now(post, user=adam)
    assert {delivery.channel for delivery in deliveries} == {channel, second_channel}
    assert all(delivery.due_at <= clock.now() for delivery in deliveries)


def test_the_state_follows_the_deliveries(acme, bob, adam, channel, second_channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel, second_channel])
    first, second = planning.publish_post_now(post, user=adam)
    finish(first, Delivery.State.PUBLISHED, published_at=clock.now())
    assert fresh(post).state == State.SCHEDULED
    finish(second, Delivery.State.FAILED, failure="It said no.")
    assert fresh(post).state == State.FAILED
    finish(second, Delivery.State.PUBLISHED, published_at=clock.now())
    assert fresh(post).state == State.PUBLISHED


def test_a_channel_that_has_the_post_does_not_get_it_again(acme, bob, adam, channel, second_channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel, second_channel])
    first, second = planning.publish_post_now(post, user=adam)
    finish(first, Delivery.State.PUBLISHED, published_at=clock.now())
    finish(second, Delivery.State.FAILED, failure="It said no.")
    again = planning.publish_post_now(post, user=adam)
    assert [delivery.channel for delivery in again] == [second.channel]
    finish(again[0], Delivery.State.PUBLISHED, published_at=clock.now())
    with pytest.raises(Conflict):
        planning.publish_post_now(post, user=adam)


def test_the_page_goes_live_with_the_first_delivery_and_only_once(approved, adam, bob):
    (delivery,) = planning.publish_post_now(approved, user=adam)
    revise(approved, user=bob, segments=[segment("A newer draft.")])
    planning.submit_post(approved, user=bob)
    following.show_as_published(approved.pk, delivery.revision_id)
    post = fresh(approved)
    assert post.live and post.live_revision_id == delivery.revision_id
    assert post.texts == ["Our new kettle boils in a minute."]
    assert post.get_latest_revision_as_object().texts == ["A newer draft."]
    assert post.draft_state == State.IN_REVIEW, "the newer draft stays in review"
    published_at = post.last_published_at
    following.show_as_published(approved.pk, delivery.revision_id)
    assert fresh(approved).last_published_at == published_at


def test_deleting_a_post_takes_back_what_waits(approved, adam):
    (delivery,) = schedule(approved, adam)
    fresh(approved).delete()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.CANCELLED


def test_a_plan_is_only_a_wish_until_the_post_is_scheduled(acme, bob, channel):
    post = make_post(acme, user=bob, channels=[channel])
    planning.plan_post(post, local_time=TOMORROW, timezone="Europe/Berlin", user=bob)
    assert fresh(post).planned_local.replace(tzinfo=None) == TOMORROW
    assert not Delivery.objects.exists()


def test_a_member_cannot_move_what_is_scheduled(approved, adam, bob):
    schedule(approved, adam)
    with pytest.raises(Forbidden):
        planning.plan_post(approved, local_time=TOMORROW, timezone="Europe/Berlin", user=bob)


def test_the_plan_follows_when_what_missed_its_time_is_moved(approved, acme, alice, adam):
    planning.schedule_post(approved, local_time=TOMORROW, timezone="Europe/Berlin", user=adam)
    Delivery.objects.filter(post_id=approved.uuid).update(state="held", failure_kind="missed")
    later = TOMORROW + datetime.timedelta(days=3)
    deciding.decide(acme, "move", user=alice, local_time=later, timezone="Asia/Tokyo")
    post = fresh(approved)
    assert (post.planned_local.replace(tzinfo=None), post.planned_timezone) == (later, "Asia/Tokyo")
    assert post.state == State.SCHEDULED
