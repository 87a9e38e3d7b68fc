"""Stripe's news may come twice, late, in any order, forged, or about nobody we know."""

import json
import random
import time

import pytest
from djstripe.models import Customer, Event, Subscription, WebhookEventTrigger

from billing import checkout, quotas
from billing.entitlements import plan_of
from billing.models import PlanChange
from billing.plans import FREE, PRO, TEAM
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


def test_events_of_one_customer_wait_for_each_other(stripe, acme, alice):
    """Two at once could store what they fetched in the wrong order."""
    from django.db import connection

    from billing.event_handlers import take_turns

    subscription = stripe.subscribe(acme, alice, PRO)
    told = {"object": "subscription", "customer": subscription["customer"]}
    trigger = WebhookEventTrigger(body=json.dumps({"data": {"object": told}}))
    take_turns(None, trigger)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone()[0] >= 1
