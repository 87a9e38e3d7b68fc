"""Real workers: on time, in order, and nothing lost or sent twice when they are killed."""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from statistics import median

import pytest
from django.utils import timezone

from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Attempt, Delivery, SandboxPost
from publishing.tests.loopback import MastodonServer
from publishing.tests.workers import Cluster

State = Delivery.State


@pytest.fixture
def acme(committed_acme):
    return committed_acme


@pytest.fixture
def server():
    server = MastodonServer()
    yield server
    server.close()


def accounts(organization, server, count):
    return [
        ChannelFactory(
            organization=organization,
            sandbox=False,
            base_url=server.url,
            remote_id=f"account{number}",
            credentials={"access_token": f"account{number}"},
        )
        for number in range(count)
    ]


def wait_for(condition, *, seconds=60):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, Counter(Delivery.objects.values_list("state", flat=True))
        time.sleep(0.1)


def all_published():
    return not Delivery.objects.exclude(state=State.PUBLISHED).exists()


def test_posts_leave_at_their_exact_time_and_publish_now_at_once(acme, server):
    channels = accounts(acme, server, 20)
    cluster = Cluster()
    try:
        cluster.wait(workers=2)
        due = (timezone.now() + timedelta(seconds=3)).replace(microsecond=0)
        for channel in channels:
            DeliveryFactory(channel=channel, text=f"planned {channel.remote_id}", due_at=due)
        wait_for(all_published)
        lateness = sorted(at - due.timestamp() for text, at in server.arrivals.items() if text.startswith("planned"))
        assert lateness[0] >= -0.005, "nothing leaves early"
        assert lateness[-1] < 1.0
        now = timezone.now()
        DeliveryFactory(channel=channels[0], text="now", due_at=now)
        wait_for(all_published)
        assert server.arrivals["now"] - now.timestamp() < 1.0
        assert median(Attempt.objects.exclude(lateness=None).values_list("lateness", flat=True)) < 0.5
    finally:
        cluster.stop()


def test_a_channels_posts_keep_their_order_with_many_workers(acme, server):
    channels = accounts(acme, server, 3)
    start = timezone.now() - timedelta(seconds=30)
    for number in range(15):
        for channel in channels:
            DeliveryFactory(channel=channel, text=f"{number:03}", due_at=start + timedelta(milliseconds=number))
    server.delay = 0.02
    clusters = [Cluster(threads=10), Cluster(threads=10)]
    try:
        wait_for(all_published)
    finally:
        for cluster in clusters:
            cluster.stop()
    for statuses in server.statuses.values():
        assert [status["content"][3:-4] for status in reversed(statuses)] == [f"{number:03}" for number in range(15)]


def test_a_worker_killed_in_the_middle_loses_nothing_and_sends_nothing_twice(acme, server):
    channels = accounts(acme, server, 20)
    server.delay = 0.1
    for number in range(15):
        for channel in channels:
            DeliveryFactory(channel=channel, text=f"{channel.remote_id} {number}")
    chance = random.Random(7)
    cluster = Cluster(threads=8, PUBLISHING_LEASE="6")
    try:
        cluster.wait(workers=2)
        for _kill in range(4):
            time.sleep(0.8)
            if senders := cluster.senders():
                os.kill(chance.choice(senders), signal.SIGKILL)
        cluster.kill()
        in_the_middle = Delivery.objects.filter(state=State.SENDING).count()
        assert in_the_middle, "the kill came at a moment when nothing was under way: the test shows nothing"
        cluster = Cluster(threads=8, PUBLISHING_LEASE="6")
        wait_for(all_published, seconds=120)
    finally:
        cluster.kill()
    assert Counter(server.texts) == Counter(
        {f"{channel.remote_id} {number}": 1 for channel in channels for number in range(15)}
    )
    assert Attempt.objects.filter(outcome="unknown").exists()
    assert not Attempt.objects.filter(finished_at=None).exists()


def test_a_worker_that_is_asked_to_stop_finishes_what_it_began(acme, server):
    channels = accounts(acme, server, 10)
    server.delay = 0.5
    for number in range(8):
        for channel in channels:
            DeliveryFactory(channel=channel, text=f"{channel.remote_id} {number}")
    cluster = Cluster(threads=10, workers=1)
    try:
        cluster.wait()
        wait_for(lambda: len(server.record) > 10)
    finally:
        cluster.stop()
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert set(states) <= {State.PUBLISHED, State.SCHEDULED}, states
    assert states[State.PUBLISHED] == len(server.record)
    assert not Delivery.objects.exclude(lease_expires_at=None).exists(), "what was not begun is given back"


def test_a_sandbox_channel_publishes_through_a_real_worker(acme):
    DeliveryFactory(channel=ChannelFactory(organization=acme), text="hello")
    cluster = Cluster(workers=1)
    try:
        wait_for(all_published)
    finally:
        cluster.stop()
    assert SandboxPost.objects.get().text == "hello"


def test_of_three_machines_one_dies_and_the_others_do_its_work(acme, server):
    channels = accounts(acme, server, 30)
    server.delay = 0.15
    clusters = [Cluster(threads=4, PUBLISHING_LEASE="6") for _machine in range(3)]
    planned = []

    def plan(rounds):
        texts = [
            (channel, f"{channel.remote_id} {len(planned) + number}")
            for number in range(rounds)
            for channel in channels
        ]
        Delivery.objects.bulk_create(
            DeliveryFactory.build(channel=channel, organization=acme, text=text) for channel, text in texts
        )
        planned.extend(text for _channel, text in texts)

    try:
        for cluster in clusters:
            cluster.wait(workers=2, seconds=180)  # three at once: a machine that has much else to do takes its time
        machines = [set(cluster.senders()) for cluster in clusters]

        def all_have_sent():
            if not Delivery.objects.exclude(state=State.PUBLISHED).exists():
                plan(rounds=5)
            return all(machine & _have_sent() for machine in machines)

        wait_for(all_have_sent, seconds=120)
        plan(rounds=10)
        clusters[0].kill()
        assert not all_published(), "nothing was left to do for the others"
        wait_for(all_published, seconds=180)
    finally:
        for cluster in clusters:
            cluster.kill()
    assert Counter(server.texts) == Counter(planned)


def _have_sent() -> set[int]:
    """The processes that have sent something. How much each takes is up to the load of the moment."""
    return {int(name.rsplit("-", 2)[1]) for name in Attempt.objects.values_list("worker", flat=True) if name}
