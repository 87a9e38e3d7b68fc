"""The studio's pages about the plan: who sees them, what they say, and that nothing of another shows."""

import csv
import dataclasses
import io

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from billing import catalogue, checkout, plans, quotas, warnings
from billing.entitlements import plan_of
from billing.models import PlanGrant, UsagePeriod
from billing.plans import FREE, PRO, TEAM
from organizations.factories import MembershipFactory, UserFactory

PAGES = ["/admin/plan/", "/admin/plan/choose/", "/admin/plan/keep/", "/admin/plan/usage.csv"]


def signed_in(user):
    client = Client()
    client.force_login(user, backend="organizations.access.RoleBackend")
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


def spend(organization, tokens, user=None, model="gpt-5-mini"):
    reservation = quotas.reserve(organization, tokens=tokens, user=user)
    quotas.settle(reservation, provider_tokens=tokens * 1000, provider="openai", model=model)


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        ("alice", [200, 200, 200, 200]),
        ("adam", [200, 302, 302, 200]),
        ("bob", [302, 302, 302, 302]),
        ("vera", [302, 302, 302, 302]),
    ],
)
def test_owners_see_everything_admins_see_usage_others_neither(acme, request, who, statuses):
    client = signed_in(request.getfixturevalue(who))
    assert [client.get(page).status_code for page in PAGES] == statuses


def test_the_page_shows_use_by_day_person_and_model(acme, alice, bob):
    spend(acme, 20, user=bob)
    spend(acme, 22, user=alice, model="gemini-2.5-flash")
    said = text_of(signed_in(alice).get("/admin/plan/"))
    assert "<b>42</b> <span>of 100 used</span>" in said
    for expected in ("Bob", "gemini-2.5-flash", "OpenAI", '<rect class="bl-plot__bar"'):
        assert expected in said


def test_a_person_of_another_organization_is_not_on_the_page(acme, alice, globex, charlie):
    spend(globex, 20, user=charlie, model="model-of-globex")
    client = signed_in(alice)
    for page in ("/admin/plan/", "/admin/plan/usage.csv"):
        answer = client.get(page)
        said = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        assert "model-of-globex" not in said
        assert "charlie" not in said.lower()


def test_the_page_costs_the_same_number_of_queries_whatever_was_used(acme, alice, bob, django_assert_max_num_queries):
    client = signed_in(alice)
    client.get("/admin/plan/")
    for number in range(30):
        spend(acme, 1, user=bob if number % 2 else alice, model=f"model-{number}")
    with django_assert_max_num_queries(75):
        client.get("/admin/plan/")


def test_the_ledger_is_exported_whole_and_harmless(acme, alice):
    person = MembershipFactory(organization=acme, user=UserFactory(email="=cmd@example.test")).user
    spend(acme, 3, user=person)
    answer = signed_in(alice).get("/admin/plan/usage.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["kind"], row["tokens"], row["reserved"]) for row in rows] == [
        ("reserve", "0", "3"),
        ("settle", "3", "-3"),
    ]
    assert rows[0]["person"] == "'=cmd@example.test"
    assert answer["Content-Disposition"].startswith('attachment; filename="usage-acme')


def test_without_keys_the_page_says_whom_to_ask_and_offers_no_button(acme, alice, settings):
    settings.SALES_EMAIL = "sales@example.test"
    client = signed_in(alice)
    said = text_of(client.get("/admin/plan/"))
    assert "sales@example.test" in said
    assert "Choose a plan" not in said
    answer = client.post("/admin/plan/choose/go/", {"plan": "pro"}, follow=True)
    assert "Plans cannot be bought on this installation" in text_of(answer)


def test_an_owner_subscribes_changes_and_cancels_by_the_buttons(stripe, acme, alice):
    client = signed_in(alice)
    answer = client.post("/admin/plan/choose/go/", {"plan": "pro", "pay": "yearly"})
    assert answer["Location"].startswith("https://checkout.stripe.com/")
    stripe.account.complete_checkout(stripe.last_session())
    # back in the studio before the webhook has come
    answer = client.get("/admin/plan/returned/", follow=True)
    assert "You are on the Pro plan now: 5,000 tokens a month." in text_of(answer)
    assert "$290 a year" in text_of(answer)
    assert "FAKE0001-0001" in text_of(answer)

    answer = client.post("/admin/plan/choose/go/", {"plan": "team", "pay": "yearly"})
    assert answer["Location"].startswith("https://billing.stripe.com/")
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    client.get("/admin/plan/returned/")
    assert plan_of(acme) == TEAM

    answer = client.post("/admin/plan/portal/", {"cancel": "1"})
    assert answer["Location"].startswith("https://billing.stripe.com/")
    stripe.account.cancel_in_portal(stripe.last_session("billing_portal/sessions"))
    answer = client.get("/admin/plan/returned/", follow=True)
    assert "Your plan is cancelled. It holds until the end of what you paid for." in text_of(answer)
    assert "Cancelled: holds until" in text_of(answer)
    stripe.deliver()
    assert plan_of(acme) == TEAM


def test_a_smaller_plan_is_announced_on_the_page_and_can_be_taken_back(stripe, acme, alice, adam):
    stripe.subscribe(acme, alice, TEAM)
    ends = timezone.localtime(quotas.remaining(acme).ends_at, acme.zone)
    client = signed_in(alice)
    client.post("/admin/plan/choose/go/", {"plan": "pro", "pay": "monthly"})
    stripe.account.switch_in_portal(stripe.last_session("billing_portal/sessions"))
    said = text_of(client.get("/admin/plan/returned/", follow=True))
    assert f"You will be on the Pro plan from {ends.day} {ends:%B %Y}. Until then nothing changes." in said
    assert f"From {ends.day} {ends:%B %Y} you will be on the Pro plan. Until then Team holds" in said
    assert "Keep Team" not in text_of(signed_in(adam).get("/admin/plan/"))

    signed_in(adam).post("/admin/plan/stay/")
    assert "Keep Team" in text_of(client.get("/admin/plan/"))
    said = text_of(client.post("/admin/plan/stay/", follow=True))
    assert "You stay on the Team plan." in said
    assert "Keep Team" not in said


def test_when_stripe_is_down_the_buttons_say_so(stripe, acme, alice):
    stripe.server.down = True
    answer = signed_in(alice).post("/admin/plan/choose/go/", {"plan": "pro"}, follow=True)
    assert "Nothing was charged" in text_of(answer)


@pytest.mark.parametrize("who", ["adam", "bob", "vera"])
def test_nobody_but_an_owner_reaches_stripe(stripe, acme, request, who):
    client = signed_in(request.getfixturevalue(who))
    asked = len(stripe.server.requests)
    for page in ("/admin/plan/choose/go/", "/admin/plan/portal/"):
        client.post(page, {"plan": "pro"})
    client.get("/admin/plan/returned/")
    assert len(stripe.server.requests) == asked


def test_a_banner_says_when_a_payment_failed_and_until_when_the_plan_holds(stripe, acme, alice, adam):
    subscription = stripe.subscribe(acme, alice, PRO)
    stripe.account.card_is_declined(subscription["customer"])
    stripe.advance(to=quotas.remaining(acme).ends_at)
    stripe.deliver()
    said = text_of(signed_in(alice).get("/admin/plan/"))
    assert "A payment did not go through." in said
    assert "Pay or change the payment method" in said
    assert "Pay or change the payment method" not in text_of(signed_in(adam).get("/admin/plan/"))
    stripe.advance(days=7)
    assert "An invoice is unpaid, so the limits of Free hold." in text_of(signed_in(alice).get("/admin/plan/"))


def test_the_owner_chooses_what_stays_in_use(acme, alice):
    crowd = [MembershipFactory(organization=acme, user=UserFactory(first_name=f"Person {n}")) for n in range(5)]
    client = signed_in(alice)
    assert "The plan has no room for everything you have." in text_of(client.get("/admin/plan/"))
    said = text_of(client.get("/admin/plan/keep/"))
    assert "always in use" in said
    answer = client.post(
        "/admin/plan/keep/", {"limit": "seats", "keep": [str(each.pk) for each in crowd[2:]]}, follow=True
    )
    assert "Saved. You can change the choice at any time." in text_of(answer)
    answer = client.post("/admin/plan/keep/", {"limit": "seats", "keep": [str(each.pk) for each in crowd]}, follow=True)
    assert "You chose 6, and the plan has room for 4." in text_of(answer)
    assert client.post("/admin/plan/keep/", {"limit": "nonsense"}).status_code == 302


def test_warnings_go_out_once_at_eighty_and_once_at_a_hundred_per_cent(acme, alice, adam, mail_at_once):
    spend(acme, 79)
    assert mail.outbox == []
    spend(acme, 1)
    spend(acme, 5)
    assert [message.subject for message in mail.outbox] == ["Acme has used 80 % of its tokens"]
    spend(acme, 15)
    assert [message.subject for message in mail.outbox][1:] == ["Acme has used all its tokens"]
    assert mail.outbox[0].to == [alice.email]
    period = UsagePeriod.objects.get()
    assert warnings.look_at(period.pk) is None  # said once
    assert "80 of its 100 tokens" in mail.outbox[0].body


def test_from_nothing_to_everything_at_once_warns_once(acme, alice, mail_at_once):
    spend(acme, 100)
    assert [message.subject for message in mail.outbox] == ["Acme has used all its tokens"]


def test_what_suffices_for_no_text_is_warned_of_as_if_nothing_were_left(acme, alice, mail_at_once):
    spend(acme, 97)
    (message,) = mail.outbox
    assert message.subject == "Acme has too few tokens left to write with AI"
    assert "A text sets 5 tokens aside while it is written, and 3 are left." in message.body
    said = text_of(signed_in(alice).get("/admin/plan/"))
    assert "3 tokens are left: not enough for a text." in said
    assert "Each sets 5 aside while it is written. Nobody can write with AI until" in said


@pytest.fixture
def operator(db):
    return UserFactory(email="root@example.test", is_superuser=True, is_staff=True)


def test_an_operator_grants_a_plan_with_a_reason_that_the_audit_log_keeps(acme, operator):
    client = signed_in(operator)
    form = text_of(client.get(f"/admin/plan-grants/new/?organization={acme.pk}"))
    assert f'<option value="{acme.pk}" selected>Acme</option>' in form
    assert client.get("/admin/plan-grants/new/?organization=nonsense").status_code == 200
    answer = client.post(
        "/admin/plan-grants/new/",
        {
            "organization": acme.pk,
            "plan": "team",
            "reason": "Charity",
            "starts_at": timezone.now().strftime("%Y-%m-%d %H:%M:%S"),
            "ends_at": "",
        },
    )
    assert answer.status_code == 302
    grant = PlanGrant.objects.get()
    assert (plan_of(acme), grant.granted_by) == (TEAM, operator)
    entry = ModelLogEntry.objects.get(action="billing.granted")
    assert (entry.object_id, entry.user, entry.data["reason"]) == (str(acme.pk), operator, "Charity")
    assert entry.message == "Granted the Team plan: Charity"
    assert ModelLogEntry.objects.filter(action="billing.plan_changed", object_id=str(acme.pk)).exists()

    assert "Charity" in text_of(client.get("/admin/plan-grants/"))
    client.post(f"/admin/plan-grants/delete/{grant.pk}/")
    assert plan_of(acme) == FREE
    assert ModelLogEntry.objects.filter(action="billing.grant_ended").exists()


@pytest.mark.parametrize("who", ["alice", "adam", "bob", "vera"])
def test_nobody_else_grants_plans_or_sees_the_business(acme, request, who):
    client = signed_in(request.getfixturevalue(who))
    for page in ("/admin/plan-grants/", "/admin/plan-grants/new/", "/admin/plan/operators/"):
        assert client.get(page).status_code in (302, 403, 404), page


def test_the_operators_page_adds_up_what_stripe_knows(stripe, acme, alice, globex, charlie, operator):
    stripe.subscribe(acme, alice, PRO)
    stripe.subscribe(globex, charlie, TEAM, yearly=True)
    spend(acme, 1200)
    said = text_of(signed_in(operator).get("/admin/plan/operators/"))
    assert "<b>$111.50</b>" in said  # 29 + 990 / 12
    assert "1,200 / 5,000" in said
    assert "None: every invoice is paid." in said
    assert '<td class="bl-number">1 / 10</td>' in said  # people of acme
    found = text_of(signed_in(operator).get("/admin/plan/operators/?q=glob"))
    assert "Globex" in found
    assert "1,200 / 5,000" not in found

    for subscription in stripe.account.stores["subscriptions"].values():
        stripe.account.card_is_declined(subscription["customer"])
    stripe.advance(to=quotas.remaining(acme).ends_at)
    stripe.deliver()
    said = text_of(signed_in(operator).get("/admin/plan/operators/"))
    assert "FAKE0001-0003" in said
    stripe.advance(days=8)
    stripe.deliver()
    said = text_of(signed_in(operator).get("/admin/plan/operators/"))
    assert "50.0 %" in said  # one of the two has left
    assert "<b>$82.50</b>" in said


def test_revenue_is_what_subscriptions_pay_and_not_what_the_catalogue_says(
    stripe, acme, alice, globex, charlie, operator, monkeypatch
):
    stripe.account.coupons |= {"HALF": {"percent_off": 50, "duration": "forever"}, "WELCOME": {"percent_off": 100}}
    stripe.subscribe(acme, alice, PRO, promotion_code="HALF")
    stripe.subscribe(globex, charlie, PRO, promotion_code="WELCOME")
    monkeypatch.setitem(plans.PLANS, "pro", dataclasses.replace(PRO, monthly_cents=3900))
    list(catalogue.sync())
    stripe.deliver()
    assert "<b>$14.50</b>" in text_of(signed_in(operator).get("/admin/plan/operators/"))
    stripe.advance(days=32)
    stripe.deliver()
    said = text_of(signed_in(operator).get("/admin/plan/operators/"))
    assert "<b>$43.50</b>" in said  # the old price: half of it for ever, and all of it after the first month


def test_the_operators_page_costs_the_same_for_many_organizations(
    acme, operator, django_assert_max_num_queries, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from organizations.models import Organization

    client = signed_in(operator)
    client.get("/admin/plan/operators/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/admin/plan/operators/")
    for number in range(25):
        Organization.objects.create(name=f"Organization {number}", slug=f"organization-{number}")
    with django_assert_num_queries(len(few)):
        client.get("/admin/plan/operators/")


def test_a_checkout_of_the_same_person_for_another_organization_stays_apart(stripe, acme, globex, alice, charlie):
    MembershipFactory(organization=globex, user=alice, role="owner")
    checkout.choose_plan(globex, plan="team", yearly=False, user=alice)
    stripe.account.complete_checkout(stripe.last_session())
    stripe.deliver()
    assert (plan_of(globex), plan_of(acme)) == (TEAM, FREE)
