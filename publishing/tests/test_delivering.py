"""From due to published, one after another, on the pretend network. `test_dispatching` does it with real workers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing import claiming, leasing, missed, recording
from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.jobs import Record
from publishing.models import Attempt, Channel, Delivery, PublishingPolicy, SandboxPost
from publishing.signals import delivery_finished

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme)


def behave(channel, behaviour, times=None):
    channel.options = {"sandbox": {"behaviour": behaviour, "times": times}}
    channel.save()


def make_due(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now())
    Channel.objects.update(paused_until=None)


def test_a_due_delivery_is_published_with_its_id_and_link(channel):
    delivery = DeliveryFactory(channel=channel, text="Guten Morgen")
    assert deliver_due() == 1
    delivery.refresh_from_db()
    post = SandboxPost.objects.get()
    assert delivery.state == State.PUBLISHED
    assert delivery.remote_id == str(post.pk)
    assert delivery.permalink.endswith(f"#post-{post.pk}")
    assert post.text == "Guten Morgen"
    attempt = delivery.attempts.get()
    assert (attempt.number, attempt.outcome) == (1, "published")
    assert attempt.exchanges[0]["sent"]["segments"] == ["Guten Morgen"]
    channel.refresh_from_db()
    assert channel.last_success_at


def test_what_is_not_due_stays(channel):
    DeliveryFactory(channel=channel, due_at=timezone.now() + timedelta(hours=1))
    assert deliver_due() == 0


def test_the_attempt_is_written_before_the_network_is_called(channel, monkeypatch):
    from publishing.adapters.sandbox import SandboxAdapter

    delivery = DeliveryFactory(channel=channel)
    seen = []

    def look(self, *args, **kwargs):
        seen.append((Delivery.objects.get().state, Attempt.objects.get(delivery=delivery).finished_at))
        raise RuntimeError("stop here")

    monkeypatch.setattr(SandboxAdapter, "publish", look)
    deliver_due(limit=1)
    assert seen == [(State.SENDING, None)]


def test_a_network_that_is_down_is_tried_again_later_with_growing_pauses(channel):
    behave(channel, "unavailable", times=2)
    delivery = DeliveryFactory(channel=channel)
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.RETRYING
    assert delivery.failure == "The sandbox pretends to be down."
    assert delivery.next_attempt_at > timezone.now()
    make_due(delivery)
    deliver_due()
    make_due(delivery)
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count, delivery.failure) == (State.PUBLISHED, 3, "")
    assert SandboxPost.objects.count() == 1


def test_nothing_of_the_channel_leaves_before_the_time_the_network_asked_for(channel):
    behave(channel, "rate_limits", times=1)
    first, second = DeliveryFactory(channel=channel), DeliveryFactory(channel=channel)
    deliver_due()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.next_attempt_at >= timezone.now() + timedelta(seconds=25)
    assert second.state == State.SCHEDULED
    channel.refresh_from_db()
    assert channel.is_paused


def test_the_budget_ends_and_a_person_is_told_why(channel, settings):
    settings.PUBLISHING_ATTEMPTS = 2
    behave(channel, "unavailable")
    delivery = DeliveryFactory(channel=channel)
    for _again in range(2):
        make_due(delivery)
        deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert "Given up after 2 tries" in delivery.failure


def test_a_refused_post_fails_at_once(channel):
    behave(channel, "refuses")
    delivery = DeliveryFactory(channel=channel)
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.failure_kind, delivery.attempt_count) == (State.FAILED, "rejected", 1)


def test_the_pretend_network_refuses_what_the_real_one_would(channel):
    delivery = DeliveryFactory(channel=channel, text="x" * 501)
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert "500" in delivery.failure


def test_a_lost_authorization_stops_the_channel_and_keeps_the_others(channel, acme):
    behave(channel, "reconnect")
    other = ChannelFactory(organization=acme)
    lost, waiting = DeliveryFactory(channel=channel), DeliveryFactory(channel=channel)
    fine = DeliveryFactory(channel=other)
    deliver_due()
    states = {delivery.pk: delivery.state for delivery in Delivery.objects.all()}
    assert states == {lost.pk: State.FAILED, waiting.pk: State.SCHEDULED, fine.pk: State.PUBLISHED}
    channel.refresh_from_db()
    assert channel.state == Channel.State.RECONNECT


def test_a_post_that_was_taken_but_never_confirmed_is_found_and_not_sent_again(channel):
    behave(channel, "times_out")
    delivery = DeliveryFactory(channel=channel)
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert [attempt.outcome for attempt in delivery.attempts.all()] == ["unknown", "found"]
    assert SandboxPost.objects.count() == 1


def test_a_thread_resumes_at_the_segment_that_failed(channel, monkeypatch):
    from publishing.adapters.sandbox import SandboxAdapter
    from publishing.errors import TryLater

    delivery = DeliveryFactory(channel=channel, texts=["one", "two", "three"])
    real, failures = SandboxAdapter._post, ["two"]

    def fail_once(self, segment, **kwargs):
        if segment.text in failures:
            failures.remove(segment.text)
            raise TryLater("Not now.")
        return real(self, segment, **kwargs)

    monkeypatch.setattr(SandboxAdapter, "_post", fail_once)
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, len(delivery.progress)) == (State.RETRYING, 1)
    make_due(delivery)
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, len(delivery.progress)) == (State.PUBLISHED, 3)
    one, two, three = SandboxPost.objects.order_by("created_at")
    assert (one.in_reply_to, two.in_reply_to, three.in_reply_to) == (None, one, two)


def test_a_worker_that_died_in_the_middle_leaves_an_unknown_outcome_that_is_looked_up(channel):
    delivery = DeliveryFactory(channel=channel)
    now = timezone.now()
    jobs = claiming.claim(worker="dead", until=now, missed_before=now - timedelta(hours=1), limit=1)
    claiming.begin(jobs, worker="dead", until=now)
    sweeper = leasing.Sweeper(patience=0)
    assert sweeper.sweep() == 0, "its lease still holds"
    Delivery.objects.update(lease_expires_at=now - timedelta(seconds=1))
    assert sweeper.sweep() == 1
    delivery.refresh_from_db()
    assert delivery.state == State.UNKNOWN
    make_due(delivery)
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert [attempt.outcome for attempt in delivery.attempts.all()] == ["unknown", "not_found", "published"]


def test_a_late_answer_of_a_worker_whose_lease_ran_out_does_not_undo_what_came_after(channel):
    delivery = DeliveryFactory(channel=channel)
    now = timezone.now()
    (job,) = claiming.begin(
        claiming.claim(worker="slow", until=now, missed_before=now - timedelta(hours=1), limit=1),
        worker="slow",
        until=now,
    )
    Delivery.objects.update(state=State.CANCELLED, leased_by="", lease_expires_at=None)
    late = Record(job, state=State.RETRYING, outcome="try_later", changes={"next_attempt_at": now})
    assert recording.record([late], worker="slow") == set()
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED


def test_two_workers_never_hold_deliveries_of_the_same_channel(channel, acme):
    other = ChannelFactory(organization=acme)
    DeliveryFactory.create_batch(3, channel=channel)
    mine = DeliveryFactory(channel=other)
    now = timezone.now()
    ask = {"until": now, "missed_before": now - timedelta(hours=1)}
    assert len(claiming.claim(worker="one", limit=2, **ask)) == 2
    assert [job.id for job in claiming.claim(worker="two", limit=10, **ask)] == [mine.pk]


def test_what_was_cancelled_after_the_claim_is_not_sent(channel):
    delivery = DeliveryFactory(channel=channel)
    now = timezone.now()
    jobs = claiming.claim(worker="one", until=now, missed_before=now - timedelta(hours=1), limit=1)
    Delivery.objects.get(pk=delivery.pk).move_to(State.CANCELLED)
    assert claiming.begin(jobs, worker="one", until=now) == []


def test_news_is_told_once_and_again_after_a_receiver_failed_nothing_is_held_up(channel):
    heard = []

    def fails(delivery, **kwargs):
        raise RuntimeError("a fault of the receiver")

    def hears(delivery, **kwargs):
        heard.append((delivery.pk, delivery.state))

    delivery_finished.connect(fails)
    delivery_finished.connect(hears)
    try:
        delivery = DeliveryFactory(channel=channel)
        deliver_due()
        deliver_due()
    finally:
        delivery_finished.disconnect(fails)
        delivery_finished.disconnect(hears)
    assert heard == [(delivery.pk, State.PUBLISHED)]


def test_missed_posts_are_held_back_unless_the_organization_says_otherwise(channel):
    delivery = DeliveryFactory(channel=channel, due_at=timezone.now() - timedelta(hours=1))
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.HELD
    assert "60 minutes late" in delivery.failure


def test_missed_posts_are_sent_late_one_after_another(channel, acme):
    PublishingPolicy.objects.create(organization=acme, missed="send_late", late_hours=2, spacing_minutes=5)
    now = timezone.now()
    early = DeliveryFactory(channel=channel, due_at=now - timedelta(minutes=50))
    later = DeliveryFactory(channel=channel, due_at=now - timedelta(minutes=40))
    too_late = DeliveryFactory(channel=channel, due_at=now - timedelta(hours=3))
    missed.decide()
    deliver_due()
    for delivery in (early, later, too_late):
        delivery.refresh_from_db()
    assert (early.state, later.state, too_late.state) == (State.PUBLISHED, State.SCHEDULED, State.HELD)
    assert timedelta(minutes=4) < later.next_attempt_at - now < timedelta(minutes=6)


def test_while_publishing_is_suspended_nothing_leaves(channel, acme):
    PublishingPolicy.objects.create(organization=acme, suspended_at=timezone.now())
    DeliveryFactory(channel=channel)
    assert deliver_due() == 0
    PublishingPolicy.objects.update(suspended_at=None)
    assert deliver_due() == 1


def test_a_broken_network_does_not_hold_up_another_channel(channel, acme):
    behave(channel, "unavailable")
    for _try in range(5):
        delivery = DeliveryFactory(channel=channel)
        deliver_due()
        make_due(delivery)
        deliver_due()
    channel.refresh_from_db()
    assert channel.failures_in_a_row >= 4
    fine = DeliveryFactory(channel=ChannelFactory(organization=acme))
    deliver_due()
    fine.refresh_from_db()
    assert fine.state == State.PUBLISHED
