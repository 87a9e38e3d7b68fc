"""Stripe's news may come twice, late, in any order, forged, or about nobody we know."""

import json
import random
import threading
import time

import pytest
from django.db import connection, connections
from django.test import Client
from djstripe.models import Customer, Event, Subscription, WebhookEventTrigger

from billing import checkout, quotas
from billing.checkout import choose_plan
from billing.entitlements import plan_of
from billing.models import PlanChange
from billing.plans import FREE, PRO, TEAM
from organizations.factories import UserFactory
from organizations.models import Membership, Organization, Role


@pytest.fixture
def subscribed(stripe, acme, alice):
    """A checkout, a renewal and a change of plan; nothing of it delivered yet. Returns the events, oldest first."""
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    subscription = stripe.account.complete_checkout(stripe.last_session())
    stripe.advance(days=32)
    stripe.account.change_price(subscription, stripe.price(TEAM), anchor_now=True)
    return stripe.account.undelivered()


def state(organization):
    return (
        plan_of(organization),
        quotas.remaining(organization),
        [each.stripe_data for each in Subscription.objects.order_by("id")],
        [(each.before, each.after) for each in PlanChange.objects.order_by("pk")],
    )


def test_everything_delivered_twice_changes_nothing_more(stripe, acme, subscribed):
    stripe.deliver(subscribed)
    once = state(acme)
    assert once[0] == TEAM
    stripe.deliver(subscribed)
    assert state(acme) == once
    assert Event.objects.count() == len(subscribed)


def test_everything_in_reverse_order_ends_the_same(stripe, acme, subscribed):
    stripe.deliver(list(reversed(subscribed)))
    plan, allowance, subscriptions, changes = state(acme)
    assert (plan, allowance.limit, allowance.used) == (TEAM, 20_000, 0)
    assert len(subscriptions) == 1
    assert changes == [("free", "team")]


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_with_repetitions_ends_the_same(stripe, acme, subscribed, seed):
    shuffled = [*subscribed, *subscribed]
    random.Random(seed).shuffle(shuffled)
    stripe.deliver(shuffled)
    assert plan_of(acme) == TEAM
    assert Subscription.objects.get().stripe_data["items"]["data"][0]["price"]["unit_amount"] == 9900


def test_an_old_event_after_the_end_brings_nothing_back(stripe, acme, alice):
    subscription = stripe.subscribe(acme, alice, PRO)
    created = next(
        event for event in stripe.account.stores["events"].values() if event["type"] == "customer.subscription.created"
    )
    stripe.account.cancel_now(subscription)
    stripe.deliver()
    stripe.deliver([{**created, "id": "evt_late", "data": {"object": {**created["data"]["object"]}}}])
    assert plan_of(acme) == FREE


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "whsec_somebodyElses"},
        {"at": int(time.time()) - 3600},
    ],
    ids=["another secret", "replayed an hour later"],
)
def test_a_bad_signature_changes_nothing(stripe, acme, alice, forged):
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.complete_checkout(stripe.last_session())
    for event in stripe.account.undelivered():
        assert stripe.post(event, **forged).status_code == 400
    assert plan_of(acme) == FREE
    assert Event.objects.count() == 0
    assert not WebhookEventTrigger.objects.filter(valid=True).exists()


def test_a_missing_signature_or_a_guessed_path_is_refused(stripe):
    assert stripe.client.post(stripe.webhook_path, data="{}", content_type="application/json").status_code == 400
    guessed = "/stripe/webhook/00000000-0000-4000-8000-000000000000/"
    body, signature = stripe.server.signed({"id": "evt_guessed", "livemode": False})
    answer = stripe.client.post(
        guessed, data=body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    assert answer.status_code == 404


def test_news_of_a_customer_that_is_not_ours_gives_nobody_a_plan(stripe, acme):
    theirs = stripe.server.create("customers", None, {"email": "someone@example.test", "metadata": {}})
    session = stripe.account.create_session(
        {
            "mode": "subscription",
            "customer": theirs["id"],
            "line_items": [{"price": stripe.price(PRO)["id"], "quantity": "1"}],
            "success_url": "https://example.test/",
        }
    )
    stripe.account.complete_checkout(session["id"])
    stripe.deliver()
    assert plan_of(acme) == FREE
    assert not Customer.objects.filter(subscriber__isnull=False).exists()


def test_news_of_a_customer_that_stripe_itself_does_not_know_any_more_is_taken(stripe, acme, alice):
    subscription = stripe.subscribe(acme, alice, PRO)
    stripe.account.delete_customer(subscription["customer"])
    stripe.deliver()
    assert plan_of(acme) == FREE
    assert not Customer.objects.filter(subscriber=acme).exists()
    # and the organization can subscribe again
    stripe.subscribe(acme, alice, TEAM)
    assert plan_of(acme) == TEAM


def test_a_deleted_organization_is_charged_no_more_and_late_news_of_it_is_taken(
    stripe, alice, django_capture_on_commit_callbacks, monkeypatch
):
    from billing import closing, tasks

    monkeypatch.setattr(closing, "async_task", lambda name, *args: getattr(tasks, name.rpartition(".")[2])(*args))
    organization = Organization.objects.create(name="Closing", slug="closing")
    Membership.objects.create(organization=organization, user=alice, role=Role.OWNER)
    subscription = stripe.subscribe(organization, alice, PRO)
    with django_capture_on_commit_callbacks(execute=True):
        organization.delete()
    assert subscription["status"] == "canceled"
    stripe.deliver()
    stripe.advance(days=40)
    stripe.deliver()
    assert Subscription.objects.get().stripe_data["status"] == "canceled"
    assert PlanChange.objects.count() == 0


def test_an_organization_that_can_still_come_back_is_charged_no_more_and_its_erasure_forgets_stripes_news(
    stripe, acme, alice, django_capture_on_commit_callbacks, monkeypatch
):
    from djstripe.models import WebhookEventTrigger

    from billing import closing, tasks
    from organizations import deleting, erasing

    monkeypatch.setattr(closing, "async_task", lambda name, *args: getattr(tasks, name.rpartition(".")[2])(*args))
    subscription = stripe.subscribe(acme, alice, PRO)
    with django_capture_on_commit_callbacks(execute=True):
        deleting.delete_organization(acme, name="Acme", user=alice)
    assert subscription["status"] == "canceled"
    stripe.deliver()
    assert plan_of(acme) == FREE
    deleting.restore_organization(acme, user=alice)
    assert plan_of(acme) == FREE
    deleting.delete_organization(acme, name="Acme", user=alice)
    stripe.advance(days=31)
    assert WebhookEventTrigger.objects.exists()
    erasing.erase(acme)
    assert not Organization.objects.filter(pk=acme.pk).exists()
    assert not Customer.objects.exists()
    assert not Subscription.objects.exists()
    assert not Event.objects.filter(data__contains={"object": {"customer": subscription["customer"]}}).exists()
    assert not WebhookEventTrigger.objects.filter(body__contains=subscription["customer"]).exists()


def test_when_stripe_does_not_answer_the_event_is_refused_and_its_retry_is_taken(stripe, acme, alice):
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.complete_checkout(stripe.last_session())
    events = stripe.account.undelivered()
    stripe.client.raise_request_exception = False
    stripe.server.down = True
    assert {stripe.post(event).status_code for event in events} == {500}
    assert Event.objects.count() == 0
    stripe.server.down = False
    stripe.deliver(events)
    assert plan_of(acme) == PRO


def somebody_waits_for_a_turn():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return cursor.fetchone()[0] > 0
    finally:
        connection.close()  # this is a thread of the stand-in's


def at_once(*deeds):
    """Each in a thread of its own, with a connection of its own. Returns what they returned, in the same order."""
    outcomes = [None] * len(deeds)

    def run(number, deed):
        try:
            outcomes[number] = deed()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def committed_owner(committed_acme, django_db_blocker):
    with django_db_blocker.unblock():
        owner = UserFactory(email="owner-of-committed@example.test")
        Membership.objects.create(organization=committed_acme, user=owner, role=Role.OWNER)
        try:
            yield owner
        finally:
            owner.delete()


def test_of_two_events_of_a_customer_at_once_the_one_that_fetched_first_does_not_store_last(
    committed_stripe, committed_acme, committed_owner
):
    """The first has fetched the old state and is slow; the second must wait for it, and then fetch the new one."""
    stripe = committed_stripe
    subscription = stripe.subscribe(committed_acme, committed_owner, PRO)
    stripe.account.tell("customer.subscription.updated", subscription)
    (older,) = stripe.account.undelivered()
    fetched, second_is_done = threading.Event(), threading.Event()
    answer = stripe.server.handle

    def slowly(method, path, params, headers):
        answered = json.loads(json.dumps(answer(method, path, params, headers)))
        if path == f"/v1/subscriptions/{subscription['id']}" and not fetched.is_set():
            fetched.set()
            while not second_is_done.is_set() and not somebody_waits_for_a_turn():
                time.sleep(0.05)
        return answered

    def second():
        assert fetched.wait(20)
        stripe.account.change_price(subscription, stripe.price(TEAM))
        newer = stripe.account.undelivered()[-1]
        try:
            return stripe.post(newer, client=Client()).status_code
        finally:
            second_is_done.set()

    stripe.server.handle = slowly
    assert at_once(lambda: stripe.post(older, client=Client()).status_code, second) == [200, 200]
    assert fetched.is_set()
    assert plan_of(committed_acme) == TEAM


def test_the_same_event_many_times_at_once_is_taken_once(committed_stripe, committed_acme, committed_owner):
    stripe = committed_stripe
    choose_plan(committed_acme, plan="pro", yearly=False, user=committed_owner)
    stripe.account.complete_checkout(stripe.last_session())
    events = stripe.account.undelivered()
    event = next(each for each in events if each["type"] == "customer.subscription.created")
    together = threading.Barrier(6)

    def deliver():
        together.wait()
        return stripe.post(event, client=Client()).status_code

    assert at_once(*[deliver] * 6) == [200] * 6
    assert Event.objects.filter(id=event["id"]).count() == 1
    assert Subscription.objects.count() == 1
    assert PlanChange.objects.filter(organization=committed_acme).count() == 1
    assert plan_of(committed_acme) == PRO


def test_all_events_of_a_checkout_at_once_end_as_one_after_another(committed_stripe, committed_acme, committed_owner):
    stripe = committed_stripe
    choose_plan(committed_acme, plan="pro", yearly=False, user=committed_owner)
    stripe.account.complete_checkout(stripe.last_session())
    events = stripe.account.undelivered()
    statuses = at_once(*[lambda event=event: stripe.post(event, client=Client()).status_code for event in events])
    assert statuses == [200] * len(events)
    assert plan_of(committed_acme) == PRO
    assert PlanChange.objects.filter(organization=committed_acme).count() == 1
