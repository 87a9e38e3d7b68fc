"""The plan and its use, as tools see them."""

from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from billing import checkout, quotas
from billing.models import PlanGrant
from billing.plans import FREE, PLANS, PRO, TEAM


@pytest.fixture
def ask():
    def ask(user, path, *, body=None, delete=False, **query):
        user.set_password("a-good-long-password")
        user.save()
        client = APIClient()
        answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": "a-good-long-password"})
        assert answer.status_code == 200, answer.content
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        if body is not None:
            return client.post(f"/api/v1/{path}/", body, format="json")
        if delete:
            return client.delete(f"/api/v1/{path}/?{urlencode(query)}")
        return client.get(f"/api/v1/{path}/", query)

    return ask


def spend(organization, tokens, user=None, model="gpt-5-mini"):
    reservation = quotas.reserve(organization, tokens=tokens, user=user)
    quotas.settle(reservation, provider_tokens=tokens * 1000, provider="openai", model=model)


def test_plans_are_public_and_say_what_the_catalogue_says(db):
    answer = APIClient().get("/api/v1/plans/")
    assert answer.status_code == 200
    assert [plan["key"] for plan in answer.json()] == list(PLANS)
    assert answer.json()[1]["tokens"] == PRO.tokens
    assert answer.json()[2]["seats"] is None


def test_a_member_sees_how_much_is_left_and_not_who_used_it(ask, acme, bob):
    spend(acme, 30, user=bob)
    answer = ask(bob, "usage")
    data = answer.json()
    assert (data["limit"], data["used"], data["remaining"], data["breakdown"]) == (100, 30, 70, None)
    assert data["limits"]["seats"] == {"used": 2, "allowed": FREE.seats, "read_only": 0}
    assert data["limits"]["channels"]["allowed"] == FREE.channels
    assert answer["RateLimit-Limit"] == str(FREE.api_requests_per_minute)


def test_an_admin_sees_who_used_what(ask, acme, adam, bob):
    spend(acme, 30, user=bob)
    spend(acme, 10, user=adam, model="gemini-2.5-flash")
    breakdown = ask(adam, "usage").json()["breakdown"]
    assert [(each["label"], each["tokens"]) for each in breakdown["people"]] == [("Bob", 30), ("Adam", 10)]
    assert {each["label"] for each in breakdown["models"]} == {"gpt-5-mini", "gemini-2.5-flash"}
    assert sum(each["tokens"] for each in breakdown["days"]) == 40


def test_an_outsider_sees_nothing(ask, acme, globex, charlie):
    spend(acme, 30)
    assert ask(charlie, "usage", organization_id=acme.pk).status_code == 404
    assert ask(charlie, "usage").json()["used"] == 0
    assert ask(charlie, "subscription", organization_id=acme.pk).status_code == 404


def test_nobody_without_a_token(db):
    for path in ("usage", "subscription"):
        assert APIClient().get(f"/api/v1/{path}/").status_code == 401


def test_the_subscription_says_what_holds_and_why(ask, stripe, acme, alice):
    assert ask(alice, "subscription").json()["source"] == "free"
    PlanGrant.objects.create(organization=acme, plan="team", reason="Partner")
    assert ask(alice, "subscription").json()["plan"]["key"] == "team"
    stripe.subscribe(acme, alice, PRO, yearly=True)
    data = ask(alice, "subscription").json()
    assert (data["plan"]["key"], data["source"], data["status"], data["interval"]) == (
        "pro",
        "subscription",
        "active",
        "year",
    )
    assert data["renews_at"] is not None


def test_an_owner_gets_the_addresses_of_checkout_and_portal(stripe, ask, acme, alice):
    answer = ask(alice, "subscription/checkout", body={"plan": "pro", "interval": "year"})
    assert answer.status_code == 200
    assert answer.json() == {"url": f"https://checkout.stripe.com/c/pay/{stripe.last_session()}"}
    stripe.account.complete_checkout(stripe.last_session())
    stripe.deliver()
    assert ask(alice, "subscription").json()["interval"] == "year"

    answer = ask(alice, "subscription/portal", body={"cancel": True})
    assert answer.json()["url"].startswith("https://billing.stripe.com/")
    stripe.account.cancel_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    assert ask(alice, "subscription").json()["ends_at"]


@pytest.mark.parametrize("who", ["adam", "bob", "vera"])
def test_nobody_but_an_owner_gets_an_address_of_stripe(stripe, ask, acme, request, who):
    person = request.getfixturevalue(who)
    asked = len(stripe.server.requests)
    for path, body in (("subscription/checkout", {"plan": "pro"}), ("subscription/portal", {})):
        assert ask(person, path, body=body).status_code == 403
    assert len(stripe.server.requests) == asked


def test_an_outsider_finds_no_subscription_to_change(stripe, ask, acme, globex, charlie):
    body = {"plan": "pro", "organization_id": str(acme.pk)}
    assert ask(charlie, "subscription/checkout", body=body).status_code == 404


def test_what_cannot_be_bought_is_a_problem_with_a_sentence(ask, acme, alice, settings):
    assert ask(alice, "subscription/checkout", body={"plan": "free"}).status_code == 400
    answer = ask(alice, "subscription/checkout", body={"plan": "pro"})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (409, "nothing-for-sale")


def test_a_planned_change_is_shown_and_an_owner_takes_it_back(ask, stripe, acme, alice, adam, globex, charlie):
    stripe.subscribe(acme, alice, TEAM)
    checkout.choose_plan(acme, plan="pro", yearly=False, user=alice)
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    stripe.deliver()
    change = ask(alice, "subscription").json()["planned_change"]
    assert (change["plan"]["key"], change["interval"]) == ("pro", "month")
    for person, status in ((adam, 403), (charlie, 404), (alice, 204), (alice, 409)):
        answer = ask(person, "subscription/planned-change", delete=True, organization_id=acme.pk)
        assert answer.status_code == status, person
    assert ask(alice, "subscription").json()["planned_change"] is None
