"""`billing_reconcile` mends what lost events and hands have done, and a second run finds nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from djstripe.models import Customer, Subscription, SubscriptionSchedule

from billing import quotas
from billing.entitlements import plan_of
from billing.models import UsagePeriod
from billing.plans import FREE, PRO, TEAM


def run():
    out = StringIO()
    call_command("billing_reconcile", stdout=out)
    return out.getvalue()


def test_a_subscription_whose_end_was_never_heard_of_is_mended(stripe, acme, alice):
    subscription = stripe.subscribe(acme, alice, PRO)
    stripe.account.cancel_now(subscription)
    stripe.account.undelivered()  # lost
    assert plan_of(acme) == PRO
    assert "was active content_studio_pro_monthly" in run()
    assert plan_of(acme) == FREE
    assert run() == "Everything agreed already.\n"


def test_a_subscription_that_was_never_heard_of_is_found(stripe, acme, alice):
    from billing import checkout

    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.complete_checkout(stripe.last_session())
    said = run()
    assert "was unknown here, is active" in said
    assert "invoice FAKE0001-0001 is paid" in said
    assert plan_of(acme) == PRO


def test_a_planned_change_that_was_never_heard_of_is_found(stripe, acme, alice):
    from billing import checkout
    from billing.subscriptions import planned_change

    stripe.subscribe(acme, alice, TEAM)
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.account.undelivered()  # lost
    run()
    schedule_id = Subscription.objects.get().stripe_data["schedule"]
    assert planned_change(schedule_id, timezone.now()).plan == PRO
    SubscriptionSchedule.objects.update(stripe_data={"status": "released", "phases": []})
    assert f"the planned change {schedule_id} was another" in run()
    assert planned_change(schedule_id, timezone.now()).plan == PRO
    assert run() == "Everything agreed already.\n"


def test_a_restored_backup_finds_its_customers_again(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    Subscription.objects.all().delete()
    Customer.objects.all().delete()
    assert plan_of(acme) == FREE
    assert "Acme: linked to the customer" in run()
    assert plan_of(acme) == PRO


def test_a_customer_deleted_in_stripe_falls_back_to_free(stripe, acme, alice):
    subscription = stripe.subscribe(acme, alice, PRO)
    stripe.account.delete_customer(subscription["customer"])
    stripe.account.undelivered()
    assert "is gone from Stripe" in run()
    assert plan_of(acme) == FREE
    assert run() == "Everything agreed already.\n"


def test_a_counter_that_was_changed_by_hand_follows_its_ledger_again(acme):
    reservation = quotas.reserve(acme, tokens=5)
    quotas.settle(reservation, provider_tokens=5000, provider="openai", model="m")
    UsagePeriod.objects.update(used=1)
    assert "the counter said 1 used and 0 reserved, the ledger 5 and 0" in run()
    assert quotas.remaining(acme).used == 5


def test_when_stripe_is_down_the_command_says_so(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    stripe.server.down = True
    with pytest.raises(CommandError, match="did not answer"):
        run()
    assert plan_of(acme) == PRO
