"""From the first payment to the last day: what a subscription means for an organization at each moment."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.utils import timezone
from djstripe.models import Customer, Invoice, Subscription
from wagtail.models import ModelLogEntry

from billing import checkout, quotas
from billing.entitlements import Source, plan_of, standing_of
from billing.models import PlanChange
from billing.plans import FREE, PRO, TEAM
from billing.stripe_api import NothingForSale, PaymentServiceDown
from billing.subscriptions import planned_change
from organizations.problems import Conflict, Forbidden, NotFound


def spend(organization, tokens):
    reservation = quotas.reserve(organization, tokens=tokens)
    return quotas.settle(reservation, provider_tokens=tokens * 1000, provider="openai", model="gpt-5-mini")


def test_the_whole_way_from_free_to_pro_and_back(stripe, acme, alice):
    spend(acme, 30)
    assert quotas.remaining(acme).limit == FREE.tokens

    url = checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    session_id = stripe.last_session()
    assert url == f"https://checkout.stripe.com/c/pay/{session_id}"
    stripe.account.complete_checkout(session_id)
    assert plan_of(acme) == FREE  # until Stripe has said so
    stripe.deliver()
    assert plan_of(acme) == PRO
    allowance = quotas.remaining(acme)
    assert (allowance.limit, allowance.used) == (5000, 0)
    assert allowance.starts_at == stripe.account.moment

    spend(acme, 700)
    assert quotas.remaining(acme).remaining == 4300

    checkout.open_portal(acme, user=alice, cancel=True)
    stripe.account.cancel_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    standing = standing_of(acme)
    assert standing.plan == PRO
    assert standing.ends_at == allowance.ends_at
    assert standing.renews_at is None

    stripe.advance(to=allowance.ends_at)
    assert plan_of(acme) == FREE  # at that moment, even before Stripe's news
    stripe.deliver()
    assert plan_of(acme) == FREE
    assert quotas.remaining(acme).limit == FREE.tokens
    assert [(each.before, each.after) for each in PlanChange.objects.order_by("pk")] == [
        ("free", "pro"),
        ("pro", "free"),
    ]


def test_a_free_month_that_was_used_is_not_given_again_after_a_cancellation(stripe, acme, alice):
    spend(acme, 100)
    stripe.subscribe(acme, alice, PRO)
    (subscription,) = stripe.account.stores["subscriptions"].values()
    stripe.account.cancel_now(subscription)
    stripe.deliver()
    assert quotas.remaining(acme).remaining == 0


def test_a_renewal_begins_a_new_period_with_a_whole_allowance(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    spend(acme, 5000)
    first = quotas.remaining(acme)
    stripe.advance(to=first.ends_at)
    stripe.deliver()
    second = quotas.remaining(acme)
    assert (second.starts_at, second.used, second.remaining) == (first.ends_at, 0, 5000)
    assert Invoice.objects.filter(stripe_data__billing_reason="subscription_cycle").count() == 1


def test_tokens_spent_while_the_renewals_news_is_late_count_in_the_period_it_names(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    ends = quotas.remaining(acme).ends_at
    stripe.advance(to=ends)
    spend(acme, 10)  # nothing delivered yet
    stripe.deliver()
    assert quotas.remaining(acme).used == 10


def test_a_year_is_paid_at_once_and_its_tokens_come_month_by_month(stripe, acme, alice):
    stripe.account.now = int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp())
    stripe.advance(days=0)
    stripe.subscribe(acme, alice, PRO, yearly=True)
    standing = standing_of(acme)
    assert standing.yearly
    assert standing.renews_at == datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert standing.window.ends_at == datetime(2026, 2, 28, 12, tzinfo=UTC)
    spend(acme, 5000)

    stripe.advance(to=datetime(2026, 2, 28, 12, tzinfo=UTC))
    allowance = quotas.remaining(acme)
    assert (allowance.used, allowance.remaining) == (0, 5000)
    assert allowance.ends_at == datetime(2026, 3, 31, 12, tzinfo=UTC)

    stripe.advance(to=datetime(2027, 1, 31, 12, tzinfo=UTC))
    stripe.deliver()
    assert plan_of(acme) == PRO
    assert quotas.remaining(acme).starts_at == datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert Invoice.objects.filter(stripe_data__amount_paid=29000).count() == 2


def test_a_larger_plan_begins_at_once_with_its_whole_allowance(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    spend(acme, 4000)
    stripe.advance(days=10)
    checkout.choose_plan(acme, plan="team", yearly=False, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()

    allowance = quotas.remaining(acme)
    assert plan_of(acme) == TEAM
    assert (allowance.limit, allowance.used, allowance.starts_at) == (20_000, 0, stripe.account.moment)
    invoice = Invoice.objects.get(stripe_data__billing_reason="subscription_update").stripe_data
    credit, charge = (line["amount"] for line in invoice["lines"]["data"])
    assert charge == 9900
    assert -2000 < credit < -1900  # about twenty of thirty days of $29
    assert invoice["amount_paid"] == charge + credit


def test_a_smaller_plan_begins_when_the_paid_period_ends(stripe, acme, alice):
    stripe.subscribe(acme, alice, TEAM)
    ends = quotas.remaining(acme).ends_at
    stripe.advance(days=3)
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    assert plan_of(acme) == TEAM
    stripe.advance(to=ends)
    stripe.deliver()
    assert plan_of(acme) == PRO
    assert quotas.remaining(acme).limit == 5000


@pytest.fixture
def smaller_from_the_next_period(stripe, acme, alice):
    """Team for now, and Pro by the Owner's choice from the end of the paid period. Returns when that is."""
    stripe.subscribe(acme, alice, TEAM)
    ends = quotas.remaining(acme).ends_at
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    return ends


def planned(organization):
    return planned_change(standing_of(organization).schedule_id, timezone.now())


def test_a_planned_change_is_known_until_it_has_come(stripe, acme, smaller_from_the_next_period):
    change = planned(acme)
    assert (change.plan, change.yearly, change.starts_at) == (PRO, False, smaller_from_the_next_period)
    stripe.advance(to=smaller_from_the_next_period)
    stripe.deliver()
    assert (plan_of(acme), planned(acme)) == (PRO, None)
    stripe.advance(days=32)  # the schedule's last phase ends, and the subscription goes on
    stripe.deliver()
    assert (plan_of(acme), standing_of(acme).schedule_id) == (PRO, "")


def test_a_planned_change_taken_back_never_comes(stripe, acme, alice, adam, smaller_from_the_next_period):
    with pytest.raises(Forbidden):
        checkout.keep_plan(acme, user=adam)
    checkout.keep_plan(acme, user=alice)
    assert planned(acme) is None  # at once, without waiting for Stripe's news
    with pytest.raises(Conflict, match="No change of the plan is planned"):
        checkout.keep_plan(acme, user=alice)
    stripe.advance(to=smaller_from_the_next_period)
    stripe.deliver()
    assert plan_of(acme) == TEAM
    entry = ModelLogEntry.objects.get(action="billing.plan_kept")
    assert (entry.user, entry.message) == (alice, "Took a planned change back and kept the Team plan")


def test_a_cancellation_can_be_taken_back_until_the_plan_has_ended(stripe, acme, alice):
    subscription = stripe.subscribe(acme, alice, PRO)
    checkout.open_portal(acme, user=alice, cancel=True)
    stripe.account.cancel_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    ends = standing_of(acme).ends_at
    checkout.keep_plan(acme, user=alice)
    assert standing_of(acme).ends_at is None
    stripe.advance(to=ends)
    stripe.deliver()
    assert plan_of(acme) == PRO
    stripe.account.cancel_now(subscription)
    stripe.deliver()
    with pytest.raises(Conflict, match="No change of the plan is planned"):
        checkout.keep_plan(acme, user=alice)


def test_no_second_change_is_queued_behind_a_planned_one(stripe, acme, alice, smaller_from_the_next_period):
    with pytest.raises(Conflict, match=r"A change to the Pro plan is planned already\. Take it back .*“Keep Team”"):
        checkout.choose_plan(acme, plan="pro", yearly=True, user=alice)


def test_a_price_changed_within_the_period_keeps_what_is_used(stripe, acme, alice):
    """What Stripe's dashboard can do and our portal does not: the limit follows, the counter stays."""
    subscription = stripe.subscribe(acme, alice, TEAM)
    spend(acme, 6000)
    stripe.account.change_price(subscription, stripe.price(PRO))
    stripe.deliver()
    allowance = quotas.remaining(acme)
    assert (allowance.limit, allowance.used, allowance.remaining) == (5000, 6000, 0)
    with pytest.raises(quotas.QuotaExceeded):
        quotas.reserve(acme, tokens=1)


def test_from_monthly_to_yearly_begins_a_year_at_once(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    stripe.advance(days=5)
    checkout.choose_plan(acme, plan="pro", yearly=True, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    standing = standing_of(acme)
    assert (standing.plan, standing.yearly) == (PRO, True)
    assert (standing.renews_at - stripe.account.moment).days in (365, 366)


def test_a_failed_payment_leaves_the_plan_for_the_grace_and_then_the_free_limits(stripe, acme, alice, settings):
    settings.BILLING_GRACE_DAYS = 6
    subscription = stripe.subscribe(acme, alice, PRO)
    stripe.account.card_is_declined(subscription["customer"])
    stripe.advance(to=quotas.remaining(acme).ends_at)
    stripe.deliver()
    standing = standing_of(acme)
    assert (standing.plan, standing.in_grace, standing.unpaid_since) == (PRO, True, stripe.account.moment)

    stripe.advance(days=5)  # Stripe has tried again by now
    stripe.deliver()
    assert standing_of(acme).in_grace
    stripe.advance(days=1)
    stripe.deliver()
    standing = standing_of(acme)
    assert (standing.plan, standing.source, standing.in_grace) == (FREE, Source.FREE, False)
    assert standing.unpaid_since is not None  # the banner still says why

    stripe.account.card_works_again(subscription["customer"])
    stripe.deliver()
    assert plan_of(acme) == PRO
    assert standing_of(acme).unpaid_since is None


def test_when_every_try_fails_the_subscription_ends_and_nothing_is_lost(stripe, acme, alice):
    subscription = stripe.subscribe(acme, alice, PRO)
    spend(acme, 12)
    stripe.account.card_is_declined(subscription["customer"])
    stripe.advance(to=quotas.remaining(acme).ends_at)
    stripe.advance(days=8)
    stripe.deliver()
    assert Subscription.objects.get().stripe_data["status"] == "canceled"
    assert plan_of(acme) == FREE
    assert acme.usage_periods.get(used=12)


def test_a_failed_payment_is_told_to_the_owners_by_e_mail(stripe, acme, alice, adam, bob, mail_at_once):
    subscription = stripe.subscribe(acme, alice, PRO)
    mail.outbox.clear()
    stripe.account.card_is_declined(subscription["customer"])
    stripe.advance(to=quotas.remaining(acme).ends_at)
    stripe.deliver()
    (message,) = mail.outbox
    assert message.subject == "A payment for Acme did not go through"
    assert message.to == [alice.email]
    assert "29.00 USD" in message.body
    assert "https://invoice.stripe.com/i/" in message.body


def test_a_trial_is_given_once(stripe, acme, alice, settings):
    settings.BILLING_TRIAL_DAYS = 14
    subscription = stripe.subscribe(acme, alice, PRO)
    standing = standing_of(acme)
    assert (standing.plan, standing.status) == (PRO, "trialing")
    assert (standing.trial_ends_at - stripe.account.moment).days == 14
    assert not Invoice.objects.filter(stripe_data__amount_paid__gt=0).exists()

    stripe.advance(days=14)
    stripe.deliver()
    standing = standing_of(acme)
    assert (standing.status, standing.trial_ends_at) == ("active", None)
    assert Invoice.objects.filter(stripe_data__amount_paid=2900).exists()

    stripe.account.cancel_now(subscription)
    stripe.deliver()
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    assert "trial_period_days" not in stripe.server.requests[-1][2]["subscription_data"]


def test_coupons_and_tax_go_through_to_stripe(stripe, acme, alice, settings):
    settings.BILLING_AUTOMATIC_TAX = True
    stripe.account.tax_percent = 10
    stripe.account.coupons["WELCOME"] = {"percent_off": 50}
    stripe.subscribe(acme, alice, PRO, promotion_code="WELCOME")
    assert Invoice.objects.get().stripe_data["amount_paid"] == 1595  # $29, half of it, plus a tenth


def test_two_organizations_pay_for_themselves_alone(stripe, acme, alice, globex, charlie):
    stripe.subscribe(acme, alice, PRO)
    assert plan_of(globex) == FREE
    stripe.subscribe(globex, charlie, TEAM)
    assert (plan_of(acme), plan_of(globex)) == (PRO, TEAM)
    assert Customer.objects.filter(subscriber__isnull=False).count() == 2


def test_two_checkout_pages_cannot_both_be_paid(stripe, acme, alice):
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    first = stripe.last_session()
    checkout.choose_plan(acme, plan="team", yearly=False, user=alice)
    assert stripe.account.stores["checkout/sessions"][first]["status"] == "expired"
    assert len(stripe.account.stores["customers"]) == 1


@pytest.mark.parametrize("who", ["adam", "bob", "vera", "charlie"])
def test_only_an_owner_chooses_the_plan_or_sees_the_portal(stripe, acme, request, who):
    person = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        checkout.choose_plan(acme, plan="pro", yearly=False, user=person)
    with pytest.raises(Forbidden):
        checkout.open_portal(acme, user=person)


def test_what_cannot_be_bought_is_explained(stripe, acme, alice):
    with pytest.raises(NotFound):
        checkout.choose_plan(acme, plan="free", yearly=False, user=alice)
    with pytest.raises(Conflict, match="choose a plan first"):
        checkout.open_portal(acme, user=alice)
    stripe.subscribe(acme, alice, PRO)
    with pytest.raises(Conflict, match="on this plan already"):
        checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.server.down = True
    with pytest.raises(PaymentServiceDown, match="Nothing was charged"):
        checkout.choose_plan(acme, plan="team", yearly=False, user=alice)


def test_without_keys_everything_runs_on_free_and_says_whom_to_ask(acme, alice, settings):
    settings.SALES_EMAIL = "sales@example.test"
    assert plan_of(acme) == FREE
    with pytest.raises(NothingForSale, match=r"Write to sales@example\.test"):
        checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
