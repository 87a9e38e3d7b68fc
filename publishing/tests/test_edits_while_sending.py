"""People change their minds at the very moment at which a post leaves: it goes out once, or not at all."""

import threading
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from organizations.factories import OrganizationFactory
from organizations.problems import Conflict, Problem
from publishing import scheduling, suspending
from publishing.connecting import disconnect_channel
from publishing.dispatching import Dispatcher
from publishing.factories import ChannelFactory, DeliveryFactory, message_of
from publishing.models import Delivery, SandboxPost

State = Delivery.State
POSTS = 24


@pytest.fixture
def acme(committed_acme):
    return committed_acme


@pytest.fixture
def dispatcher(acme):
    dispatcher = Dispatcher(threads=6).start()
    yield dispatcher
    dispatcher.stop()
    dispatcher.loop_thread.join(timeout=30)
    connection.close()


@pytest.fixture
def posts(acme, dispatcher):
    """Many posts that leave one after another, 60 ms apart, each on a channel of its own: (post id, channel, due)."""
    due = timezone.now() + timedelta(seconds=2.5)
    planned = []
    for number in range(POSTS):
        channel, post_id = ChannelFactory(organization=acme), uuid.uuid4()
        moment = due + timedelta(milliseconds=60 * number)
        plan(acme, post_id, channel, revision=1, moment=moment)
        planned.append((post_id, channel, moment))
    return planned


def plan(acme, post_id, channel, *, revision, moment):
    return scheduling.schedule_deliveries(
        organization=acme,
        post_id=post_id,
        revision_id=int(post_id.int % 2**40) * 4 + revision,
        messages={channel: message_of(f"{post_id}")},
        local_time=moment.replace(tzinfo=None),
        timezone="UTC",
        user=None,
    )


def at_the_very_moment(posts, act):
    """Does `act` to each post as it leaves: a little before, at and after its time. Answers what came back."""
    answers = {}

    def person(mine):
        for number, (post_id, channel, due) in mine:
            time.sleep(max(0.0, (due - timezone.now()).total_seconds() + (number % 8 - 4) * 0.004))
            try:
                answers[post_id] = act(post_id, channel)
            except Problem as problem:
                answers[post_id] = problem
        connection.close()

    numbered = list(enumerate(posts))
    people = [threading.Thread(target=person, args=[numbered[part::3]]) for part in range(3)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    return answers


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN, State.PUBLISHED])
def test_a_new_version_is_refused_while_the_old_one_is_on_its_way(state):
    delivery = DeliveryFactory(channel=ChannelFactory(organization=OrganizationFactory()), state=state)
    with pytest.raises(Conflict, match="has just left"):
        scheduling.publish_now(
            organization=delivery.organization,
            post_id=delivery.post_id,
            revision_id=delivery.revision_id + 1,
            messages={delivery.channel: message_of("newer")},
            user=None,
        )


def sent() -> Counter:
    return Counter(SandboxPost.objects.values_list("text", flat=True))


def wait_until_nothing_waits(seconds=20):
    give_up = time.monotonic() + seconds
    while Delivery.objects.exclude(state__in=Delivery.FINAL).exists():
        assert time.monotonic() < give_up, Counter(Delivery.objects.values_list("state", flat=True))
        time.sleep(0.1)
    close_old_connections()


def test_what_was_called_off_in_time_is_not_sent_and_the_rest_is_sent_once(posts):
    answers = at_the_very_moment(posts, lambda post_id, channel: scheduling.cancel_deliveries(post_id=post_id))
    wait_until_nothing_waits()
    for post_id, _channel, _due in posts:
        assert sent()[str(post_id)] == (0 if answers[post_id] else 1)


def test_what_was_moved_in_time_leaves_at_its_new_time_and_the_rest_left_at_the_old(posts):
    later = timezone.now() + timedelta(seconds=6)

    def move(post_id, channel):
        return scheduling.reschedule_deliveries(post_id=post_id, local_time=later.replace(tzinfo=None), timezone="UTC")

    answers = at_the_very_moment(posts, move)
    wait_until_nothing_waits()
    assert set(sent().values()) == {1}
    assert len(sent()) == POSTS
    left = dict(Delivery.objects.values_list("post_id", "published_at"))
    for post_id, _channel, _due in posts:
        assert (left[post_id] >= later - timedelta(milliseconds=50)) == bool(answers[post_id])


def test_a_new_version_takes_the_place_of_the_old_one_or_is_refused_because_that_has_left(posts, acme):
    def replace(post_id, channel):
        moment = datetime.now(UTC) + timedelta(seconds=1)
        return plan(acme, post_id, channel, revision=2, moment=moment)

    answers = at_the_very_moment(posts, replace)
    wait_until_nothing_waits()
    assert set(sent().values()) == {1}
    assert len(sent()) == POSTS
    refused = {post_id for post_id, answer in answers.items() if isinstance(answer, Problem)}
    revisions = dict(Delivery.objects.filter(state=State.PUBLISHED).values_list("post_id", "revision_id"))
    assert {post_id for post_id, revision in revisions.items() if revision % 4 == 1} == refused


def test_publish_now_at_its_planned_moment_sends_it_once(posts, acme):
    def now(post_id, channel):
        revision = Delivery.objects.filter(post_id=post_id).values_list("revision_id", flat=True)[0]
        return scheduling.publish_now(
            organization=acme,
            post_id=post_id,
            revision_id=revision,
            messages={channel: message_of(f"{post_id}")},
            user=None,
        )

    at_the_very_moment(posts, now)
    wait_until_nothing_waits()
    assert set(sent().values()) == {1}
    assert len(sent()) == POSTS


def test_a_channel_that_is_taken_away_has_sent_a_post_or_still_has_it(posts):
    def take_away(post_id, channel):
        suspending.suspend_channel(channel, user=None)
        return disconnect_channel(channel, user=None)

    answers = at_the_very_moment(posts, take_away)
    time.sleep(1.0)
    states = dict(Delivery.objects.values_list("post_id", "state"))
    for post_id, _channel, _due in posts:
        assert states[post_id] == (State.PUBLISHED if sent()[str(post_id)] else State.SCHEDULED), states[post_id]
        if states[post_id] == State.SCHEDULED:
            assert isinstance(answers[post_id], Problem), "a channel with a post that waits cannot be disconnected"
