"""`billing_sync` makes Stripe agree with the catalogue, and a second run changes nothing."""

import dataclasses
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from djstripe.models import Price, WebhookEndpoint

from billing import catalogue, plans
from billing.plans import PRO, TEAM

from .stripe_fake.shapes import Refused


def run():
    out = StringIO()
    call_command("billing_sync", stdout=out)
    return out.getvalue()


def test_every_paid_plan_has_a_monthly_and_a_yearly_price(stripe):
    amounts = {price["lookup_key"]: price["unit_amount"] for price in stripe.account.stores["prices"].values()}
    assert amounts == {
        "content_studio_pro_monthly": 2900,
        "content_studio_pro_yearly": 29000,
        "content_studio_team_monthly": 9900,
        "content_studio_team_yearly": 99000,
    }
    assert Price.objects.count() == 4
    assert len(stripe.account.stores["products"]) == 2


def test_a_second_run_changes_nothing(stripe):
    asked_before = len(stripe.server.requests)
    assert run() == "Everything agreed already.\n"
    assert {method for method, _path, _params in stripe.server.requests[asked_before:]} == {"GET"}


def test_a_new_amount_becomes_a_new_price_and_subscribers_keep_the_old_one(stripe, alice, acme, monkeypatch):
    subscription = stripe.subscribe(acme, alice, PRO)
    dearer = dataclasses.replace(PRO, monthly_cents=3900)
    monkeypatch.setitem(plans.PLANS, "pro", dearer)

    said = run()

    assert "Made the price content_studio_pro_monthly: $39.00 a month." in said
    assert catalogue.price_of(dearer, yearly=False).stripe_data["unit_amount"] == 3900
    old = stripe.account.stores["prices"][subscription["items"]["data"][0]["price"]["id"]]
    assert (old["active"], old["lookup_key"], old["unit_amount"]) == (False, None, 2900)
    stripe.deliver()
    from billing.entitlements import plan_of

    assert plan_of(acme) == dearer  # the old price still sells Pro
    assert run() == "Everything agreed already.\n"


@pytest.mark.parametrize("calls", [1, 2, 8], ids=["price made", "old one archived", "webhook made"])
def test_a_run_that_breaks_off_anywhere_is_finished_by_the_next_one(stripe, monkeypatch, calls):
    """After `calls` changes Stripe takes the next one, and its answer is lost."""
    by_hand = {"product": stripe.price(PRO)["product"], "currency": "usd", "unit_amount": "100", "nickname": "Friends"}
    friends = stripe.account.create_price({**by_hand, "recurring": {"interval": "month"}})
    monkeypatch.setitem(plans.PLANS, "pro", dataclasses.replace(PRO, monthly_cents=3900, yearly_cents=39000))
    monkeypatch.setitem(plans.PLANS, "team", dataclasses.replace(TEAM, monthly_cents=8900))
    for endpoint in WebhookEndpoint.objects.all():
        endpoint.delete()
    route, made = stripe.server.route, []

    def breaking_off(method, path, params):
        answer = route(method, path, params)
        made.extend([path] if method != "GET" else [])
        if len(made) == calls:
            made.append("broken")
            raise Refused("Nobody hears the answer.", status=503, type="api_error")
        return answer

    monkeypatch.setattr(stripe.server, "route", breaking_off)
    with pytest.raises(CommandError):
        run()
    run()

    prices = [each for each in stripe.account.stores["prices"].values() if each["active"]]
    assert {each["lookup_key"]: each["unit_amount"] for each in prices} == {
        "content_studio_pro_monthly": 3900,
        "content_studio_pro_yearly": 39000,
        "content_studio_team_monthly": 8900,
        "content_studio_team_yearly": 99000,
        None: 100,
    }
    assert friends["active"], "what somebody else made is nobody's to archive"
    (endpoint,) = stripe.account.stores["webhook_endpoints"].values()
    assert endpoint["url"].endswith(f"{WebhookEndpoint.objects.get().djstripe_uuid}/")
    assert not catalogue.missing()
    assert run() == "Everything agreed already.\n"


def test_the_portal_offers_what_the_product_promises(stripe):
    (configuration,) = stripe.account.stores["billing_portal/configurations"].values()
    features = configuration["features"]
    assert (features["subscription_cancel"]["enabled"], features["subscription_cancel"]["mode"]) == (
        True,
        "at_period_end",
    )
    assert {price for product in features["subscription_update"]["products"] for price in product["prices"]} == set(
        stripe.account.stores["prices"]
    )


def test_the_webhook_has_a_path_that_nobody_can_guess(stripe):
    endpoint = WebhookEndpoint.objects.get()
    assert stripe.webhook_path == f"/stripe/webhook/{endpoint.djstripe_uuid}/"
    assert endpoint.secret == stripe.server.signing_secret


def test_an_endpoint_made_by_hand_is_kept_with_its_secret(stripe, settings):
    WebhookEndpoint.objects.all().delete()
    settings.STRIPE_WEBHOOK_SECRET = "whsec_byHand"
    assert "Keeping the secret of your own webhook endpoint" in run()
    assert WebhookEndpoint.objects.get().secret == "whsec_byHand"
    assert run() == "Everything agreed already.\n"


def test_without_a_key_the_command_says_so(db):
    with pytest.raises(CommandError, match="Plans cannot be bought on this installation"):
        run()


def test_when_stripe_is_down_the_command_says_so(stripe):
    stripe.server.down = True
    with pytest.raises(CommandError, match="did not answer"):
        run()


def test_team_costs_what_the_catalogue_says(stripe):
    assert stripe.price(TEAM, "year")["recurring"]["interval"] == "year"
