"""The stand-in for Stripe answers in Stripe's published shapes and refuses what Stripe refuses."""

import pytest
import stripe as sdk

from billing import stripe_api
from billing.plans import PRO, TEAM

from .stripe_fake.shapes import complaints

KINDS = {
    "products": sdk.Product,
    "prices": sdk.Price,
    "customers": sdk.Customer,
    "checkout/sessions": sdk.checkout.Session,
    "subscriptions": sdk.Subscription,
    "subscription_schedules": sdk.SubscriptionSchedule,
    "invoices": sdk.Invoice,
    "payment_methods": sdk.PaymentMethod,
    "billing_portal/sessions": sdk.billing_portal.Session,
    "billing_portal/configurations": sdk.billing_portal.Configuration,
    "webhook_endpoints": sdk.WebhookEndpoint,
    "events": sdk.Event,
}


def test_every_answer_has_the_members_that_stripes_sdk_describes(stripe, acme, alice):
    from billing import checkout

    stripe.subscribe(acme, alice, TEAM)
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    found = complaints(stripe.account.account, sdk.Account)
    for kind, cls in KINDS.items():
        assert stripe.account.stores[kind], kind
        for each in stripe.account.stores[kind].values():
            found += complaints(each, cls)
    for subscription in stripe.account.stores["subscriptions"].values():
        for item in subscription["items"]["data"]:
            found += complaints(item, sdk.SubscriptionItem)
    for invoice in stripe.account.stores["invoices"].values():
        for line in invoice["lines"]["data"]:
            found += complaints(line, sdk.InvoiceLineItem)
    assert not found, "\n".join(sorted(set(found)))


def test_an_unknown_parameter_is_refused(stripe):
    with pytest.raises(sdk.InvalidRequestError, match=r"Received unknown parameter: colour"):
        stripe_api.client().v1.customers.create({"colour": "green"})


def test_an_unknown_nested_parameter_is_refused(stripe):
    with pytest.raises(sdk.InvalidRequestError, match=r"recurring\[intervall\]"):
        stripe_api.client().v1.prices.create({"currency": "usd", "recurring": {"intervall": "month"}})


def test_an_unknown_parameter_of_a_deed_is_refused(stripe, acme, alice):
    from billing import checkout

    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    with pytest.raises(sdk.InvalidRequestError, match=r"Received unknown parameter: reason"):
        stripe_api.client().v1.checkout.sessions.expire(stripe.last_session(), {"reason": "none"})


def test_a_missing_parameter_is_refused(stripe):
    with pytest.raises(sdk.InvalidRequestError, match="Missing required param: currency"):
        stripe_api.client().v1.prices.create({"unit_amount": 100})


def test_another_key_is_refused(stripe, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_somebodyElses0000000000000"
    with pytest.raises(sdk.AuthenticationError):
        stripe_api.client().v1.customers.create({})


def test_an_idempotency_key_answers_alike_and_only_for_the_same_request(stripe):
    client = stripe_api.client()
    options = {"idempotency_key": "once"}
    first = client.v1.customers.create({"name": "Acme"}, options)
    assert client.v1.customers.create({"name": "Acme"}, options).id == first.id
    with pytest.raises(sdk.IdempotencyError):
        client.v1.customers.create({"name": "Globex"}, options)


def test_a_lookup_key_belongs_to_one_price(stripe):
    wanted = {
        "product": stripe.price(PRO)["product"],
        "currency": "usd",
        "unit_amount": 1,
        "lookup_key": stripe.price(PRO)["lookup_key"],
    }
    with pytest.raises(sdk.InvalidRequestError, match="already uses that lookup key"):
        stripe_api.client().v1.prices.create(wanted)


def test_the_tests_never_speak_to_stripe_itself(settings):
    assert "stripe.com" not in settings.STRIPE_API_BASE
    assert "stripe.com" not in settings.STRIPE_API_HOST
    assert "stripe.com" not in sdk.api_base
