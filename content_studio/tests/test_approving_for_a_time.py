"""An approver who may publish approves a post and schedules it for its planned time in one step, or in none."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from content_studio import planning
from content_studio.drafting import revise, segment
from content_studio.factories import make_post
from content_studio.models import SocialPost
from publishing.factories import ChannelFactory
from publishing.models import Delivery

pytestmark = pytest.mark.django_db
State = SocialPost.State
LATER = (clock.now() + datetime.timedelta(days=3)).replace(hour=9, minute=30, second=0, microsecond=0, tzinfo=None)


def in_review(acme, bob, *, at=LATER, channels=()):
    post = make_post(acme, user=bob, channels=channels)
    if at:
        planning.plan_post(post, local_time=at, timezone="Europe/Berlin", user=bob)
    planning.submit_post(post, user=bob)
    return SocialPost.objects.get(pk=post.pk)


def approve(client, post, **said):
    said = {"revision": post.latest_revision_id, **said}
    answer = client.post(reverse("posts:approve_schedule", args=[post.pk]), said, follow=True)
    return answer.content.decode(), SocialPost.objects.get(pk=post.pk)


def test_one_click_approves_and_schedules(client, acme, bob, adam):
    post = in_review(acme, bob, channels=[ChannelFactory(organization=acme)])
    client.force_login(adam)
    assert (
        f"Approve and schedule for {LATER:%-d %b, %H:%M}"
        in client.get(reverse("posts:detail", args=[post.pk])).content.decode()
    )
    page, post = approve(client, post)
    assert f"Approved and scheduled for {LATER:%a %-d %b %Y, %H:%M} Europe/Berlin." in page
    assert post.state == State.SCHEDULED and post.approved_by == adam
    delivery = Delivery.objects.get()
    assert (delivery.local_time.replace(tzinfo=None), delivery.timezone) == (LATER, "Europe/Berlin")
    assert delivery.revision_id == post.approved_revision_id


def test_what_cannot_be_scheduled_is_not_approved_either(client, acme, bob, adam):
    without_channel = in_review(acme, bob)
    client.force_login(adam)
    page, post = approve(client, without_channel)
    assert post.state == State.IN_REVIEW and post.approved_revision_id is None
    assert "channel" in page
    changed = in_review(acme, bob, channels=[ChannelFactory(organization=acme)])
    seen = changed.latest_revision_id
    revise(changed, user=adam, segments=[segment("Another text")])
    page, post = approve(client, changed, revision=seen)
    assert post.state == State.IN_REVIEW and "Somebody changed the post" in page
    assert not Delivery.objects.exists()


def test_it_is_offered_for_a_time_to_come_and_to_those_who_may_publish(client, acme, bob, adam, vera):
    planned, unplanned = in_review(acme, bob), in_review(acme, bob, at=None)
    offered = "Approve and schedule"
    client.force_login(adam)
    assert offered not in client.get(reverse("posts:detail", args=[unplanned.pk])).content.decode()
    assert offered in client.get(reverse("wagtailadmin_pages:edit", args=[planned.pk])).content.decode()
    page, post = approve(client, unplanned)
    assert post.state == State.IN_REVIEW and "planned time" in page
    for person in (bob, vera):
        client.force_login(person)
        assert offered not in client.get(reverse("posts:detail", args=[planned.pk])).content.decode()
        assert approve(client, planned)[1].state == State.IN_REVIEW


def test_with_further_stages_it_is_noted_and_nothing_is_scheduled_yet(acme, bob, adam, alice):
    post = in_review(acme, bob, channels=[ChannelFactory(organization=acme)])
    stage = planning.stage_of(post)
    stage.needs_all = True
    stage.save()
    assert planning.approve_and_schedule(post, user=adam).state == State.IN_REVIEW
    assert planning.approve_and_schedule(post, user=alice).state == State.SCHEDULED
