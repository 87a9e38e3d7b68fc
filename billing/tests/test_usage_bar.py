"""The bar in the studio's headers: who sees it, what it says, and that it costs next to nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images.tests.utils import get_test_image_file

from billing import quotas
from billing.models import PlanGrant, UsagePeriod
from billing.plans import PRO
from organizations.models import LibraryImage

HEADERS = ["/admin/", "/admin/posts/", "/admin/calendar/", "/admin/compose/"]


def signed_in(user):
    client = Client()
    client.force_login(user, backend="organizations.access.RoleBackend")
    return client


def spend(organization, tokens):
    reservation = quotas.reserve(organization, tokens=tokens)
    quotas.settle(reservation, provider_tokens=tokens * 1000, provider="openai", model="gpt-5-mini")


def bar(client, path="/admin/plan/bar/"):
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize("path", HEADERS)
def test_it_is_on_every_page_of_those_who_write_with_ai(acme, bob, path):
    said = bar(signed_in(bob), path)
    assert said.count('data-controller="bl-usage"') == 1
    assert "100 tokens left" in said


def test_it_is_on_wagtails_older_pages_too_and_in_no_dialogue(acme, alice):
    client = signed_in(alice)
    image = LibraryImage.objects.create(title="Roof", file=get_test_image_file("roof.png"), collection=acme.collection)
    older = f"/admin/bulk/organizations/libraryimage/delete/?id={image.pk}"
    assert bar(client, older).count('data-controller="bl-usage"') == 1
    chooser = client.get("/admin/images/chooser/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert chooser.status_code == 200
    assert b"bl-usage" not in chooser.content


def test_it_leads_those_to_the_plan_who_may_see_it(acme, adam, bob):
    assert '<a href="/admin/plan/" class="bl-mini' in bar(signed_in(adam))
    assert '<span class="bl-mini' in bar(signed_in(bob))


def test_whoever_only_reads_sees_none_and_may_not_ask_for_it(acme, vera):
    client = signed_in(vera)
    assert "bl-usage" not in bar(client, "/admin/posts/")
    assert client.get("/admin/plan/bar/").status_code == 302


@pytest.mark.parametrize(
    ("spent", "level", "says"),
    [
        (79, "calm", "21 tokens left"),
        (80, "near", "20 tokens left"),
        (95, "near", "5 tokens left"),
        (96, "full", "Too few tokens left"),
        (100, "full", "No tokens left"),
    ],
)
def test_it_warns_from_eighty_per_cent_and_when_no_text_can_be_written_any_more(acme, alice, spent, level, says):
    spend(acme, spent)
    said = bar(signed_in(alice))
    assert f"bl-mini--{level}" in said
    assert f'data-bl-usage-level-value="{level}"' in said
    assert says in said


def test_asked_again_it_knows_what_was_spent_meanwhile(acme, bob):
    client = signed_in(bob)
    assert "100 tokens left" in bar(client)
    spend(acme, 7)
    assert "93 tokens left" in bar(client)


def test_what_is_shown_of_the_plan_on_a_page_costs_one_query(acme, alice):
    """The bar, the banners, the menu's entry and the home look once, together."""
    client = signed_in(alice)
    for path in HEADERS[:2]:
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        assert sum('FROM "billing_usageperiod"' in query["sql"] for query in asked) == 1


@pytest.mark.parametrize("granted", [False, True])
def test_one_look_says_what_the_long_way_says(acme, granted):
    if granted:
        PlanGrant.objects.create(organization=acme, plan=PRO.key, reason="Friends")
    spend(acme, 3)
    with CaptureQueriesContext(connection) as asked:
        standing, allowance = quotas.look(acme)
    assert len(asked) == 1
    assert standing == quotas.standing_of(acme)
    assert (allowance.limit, allowance.used) == (standing.plan.tokens, 3)


def test_a_subscription_is_seen_in_the_same_look(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    spend(acme, 11)
    with CaptureQueriesContext(connection) as asked:
        standing, allowance = quotas.look(acme)
    assert len(asked) == 1
    assert standing == quotas.standing_of(acme)
    assert (standing.plan, allowance.used, allowance.starts_at) == (PRO, 11, standing.window.starts_at)


def test_a_period_older_than_the_newest_dozen_is_found_all_the_same(acme, monkeypatch):
    spend(acme, 9)
    later = timezone.now() + timedelta(days=40)  # as a clock that was put back leaves behind
    UsagePeriod.objects.create(organization=acme, starts_at=later, ends_at=later + timedelta(days=30), used=50)
    monkeypatch.setattr(quotas, "KNOWN_PERIODS", 1)
    assert quotas.remaining(acme).used == 9
