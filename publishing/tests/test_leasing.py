"""Whose a delivery is: after clocks were set, workers stopped, answers lost, and connections broken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing import claiming, clock, leasing, recording
from publishing.delivering import attempt, deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.jobs import Record
from publishing.models import Attempt, Channel, Delivery, SandboxPost

State = Delivery.State


@pytest.fixture
def channel(db, acme):
    return ChannelFactory(organization=acme)


@pytest.fixture(autouse=True)
def _own_clock():
    yield
    clock.forget()


def claim(worker):
    now = timezone.now()
    return claiming.claim(worker=worker, until=now, missed_before=now - timedelta(hours=1), limit=10)


def begin(worker):
    return claiming.begin(claim(worker), worker=worker, until=timezone.now())


def take_up():
    """What happens when a lease runs out."""
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert leasing.Sweeper(patience=0).sweep()


def published(job):
    return Record(
        job,
        state=State.PUBLISHED,
        outcome="published",
        finished_at=timezone.now(),
        changes={"remote_id": "7", "published_at": timezone.now(), "news": True},
    )


def test_a_worker_that_was_stopped_for_longer_than_its_lease_sends_nothing(channel):
    DeliveryFactory(channel=channel)
    (job,) = begin("zombie")
    job.trusted_until = clock.elapsed() - 0.001
    record = attempt(job, keep_progress=lambda job, segment: None)
    assert (record.state, record.outcome) == (State.RETRYING, "try_later")
    assert not SandboxPost.objects.exists()
    assert not record.blames_network, "the network has no part in it"


def test_only_what_is_still_in_its_hand_is_renewed(channel, acme):
    DeliveryFactory(channel=channel)
    DeliveryFactory(channel=ChannelFactory(organization=acme))
    lost, kept = begin("slow")
    Delivery.objects.filter(pk=lost.id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    leasing.Sweeper(patience=0).sweep()
    assert leasing.renew([lost.id, kept.id], worker="slow") == {kept.id}


def test_what_was_taken_without_learning_of_it_is_given_back_and_not_kept_for_ever(channel, acme):
    claimed, begun, sending = (
        DeliveryFactory(channel=ChannelFactory(organization=acme), text=text)
        for text in ("claimed", "begun", "sending")
    )
    jobs = {job.id: job for job in claim("here")}
    claiming.begin([jobs[begun.pk], jobs[sending.pk]], worker="here", until=timezone.now())
    assert leasing.let_go(worker="here", keep=[sending.pk]) == 2
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {claimed.pk: State.SCHEDULED, begun.pk: State.RETRYING, sending.pk: State.SENDING}
    assert begun.attempts.get().outcome == "try_later"
    assert deliver_due() == 2, "both are sent by whoever comes next"


def test_a_lease_that_only_looks_run_out_is_left_alone_while_its_worker_renews_it(channel):
    DeliveryFactory(channel=channel)
    (job,) = begin("alive")
    sweeper = leasing.Sweeper(patience=0.05)
    for _again in range(4):
        Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(hours=1))  # the clock was set forward
        assert sweeper.sweep() == 0
        leasing.renew([job.id], worker="alive")
    assert Delivery.objects.get().state == State.SENDING


def test_a_lease_of_a_clock_that_was_set_back_does_not_last_for_ever(channel, acme):
    DeliveryFactory(channel=channel)
    begin("dead")
    waiting = DeliveryFactory(channel=ChannelFactory(organization=acme))
    claim("dead")
    Delivery.objects.update(lease_expires_at=timezone.now() + timedelta(hours=1))
    assert leasing.Sweeper(patience=0).sweep() == 1
    assert [job.id for job in claim("other")] == [waiting.pk]


def test_a_step_of_this_machines_clock_moves_no_post(channel, monkeypatch):
    clock.ask_database()
    real = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: real() + timedelta(hours=3))
    monkeypatch.setattr("time.time", lambda: real().timestamp() + 3 * 3600)
    assert abs((clock.now() - real()).total_seconds()) < 1
    clock.ask_database()
    assert abs((clock.now() - real()).total_seconds()) < 1


def test_a_step_of_the_databases_clock_is_followed(channel, monkeypatch):
    clock.ask_database()
    moment, then = clock._reference
    monkeypatch.setattr(clock, "_reference", (moment - timedelta(minutes=10), then))
    clock.ask_database()
    assert abs((clock.now() - timezone.now()).total_seconds()) < 1


def test_the_word_of_an_attempt_that_was_given_up_for_lost_keeps_it_from_being_sent_again(channel):
    delivery = DeliveryFactory(channel=channel)
    (job,) = begin("slow")
    take_up()
    Delivery.objects.filter(pk=delivery.pk).update(state=State.RETRYING)  # a look did not find it yet
    assert recording.record([published(job)], worker="slow") == {delivery.pk}
    assert deliver_due() == 0
    assert not SandboxPost.objects.exists()


def test_an_attempt_has_no_say_once_another_has_begun(channel):
    delivery = DeliveryFactory(channel=channel)
    (job,) = begin("here")
    take_up()
    Delivery.objects.filter(pk=delivery.pk).update(state=State.RETRYING, next_attempt_at=timezone.now())
    assert begin("here")
    late = Record(job, state=State.RETRYING, outcome="try_later", finished_at=timezone.now())
    assert recording.record([late], worker="here") == set()
    assert Delivery.objects.get().state == State.SENDING


def test_an_answer_that_no_database_takes_holds_up_nothing(committed_acme):
    DeliveryFactory(channel=ChannelFactory(organization=committed_acme))
    DeliveryFactory(channel=ChannelFactory(organization=committed_acme))
    garbage, fine = (published(job) for job in begin("here"))
    garbage.changes |= {"remote_id": "x" * 400, "progress": [{"remote_id": "\ud800", "permalink": ""}]}
    garbage.exchanges = [{"received": "\ud800\x00", "seconds": float("nan")}]
    assert recording.record([garbage, fine], worker="here") == {garbage.job.id, fine.job.id}
    assert not Delivery.objects.exclude(state=State.PUBLISHED).exists()
    assert not Attempt.objects.filter(finished_at=None).exists()


def test_a_fault_inside_the_studio_before_anything_was_sent_is_no_unknown_outcome(acme, monkeypatch):
    channel = ChannelFactory(organization=acme, sandbox=False, base_url="https://social.example", credentials={})

    def breaks(self, *args, **kwargs):
        raise RuntimeError("no connection to the database")

    monkeypatch.setattr("publishing.adapters.mastodon.MastodonAdapter.publish", breaks)
    delivery = DeliveryFactory(channel=channel)
    deliver_due(limit=1)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts.get().outcome) == (State.RETRYING, "try_later")
    assert Channel.objects.get().failures_in_a_row == 0


def test_a_look_of_a_worker_that_died_is_closed_by_the_next(channel):
    delivery = DeliveryFactory(channel=channel)
    begin("dead")
    take_up()
    Delivery.objects.update(next_attempt_at=timezone.now())
    assert begin("dead too")
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    deliver_due()
    assert [attempt.outcome for attempt in delivery.attempts.all()] == ["unknown", "unknown", "not_found", "published"]
