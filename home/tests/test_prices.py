"""What the public site says a plan costs is what Stripe charges for it."""

import pytest

from billing import stripe_api
from billing.plans import PRO
from billing.tests.conftest import stripe  # noqa: F401
from home.structured_data import plans_as_sold

pytestmark = pytest.mark.django_db


def sell(stripe, plan, *, cents, interval="month"):  # noqa: F811
    """Somebody replaces a plan's price in Stripe, which tells us."""
    old = stripe.price(plan, interval)
    client = stripe_api.client()
    client.v1.prices.create(
        {
            "product": old["product"],
            "currency": "usd",
            "unit_amount": cents,
            "recurring": {"interval": interval},
            "lookup_key": old["lookup_key"],
            "transfer_lookup_key": True,
        }
    )
    client.v1.prices.update(old["id"], {"active": False})
    stripe.deliver()


def test_without_stripe_the_catalogue_says_what_it_costs(home, client):
    page = client.get("/pricing/").content.decode()
    assert "<strong>$29</strong> a month" in page
    assert "<strong>$290</strong> a year" in page


def test_a_price_that_was_changed_in_stripe_is_the_one_that_is_shown(home, client, stripe):  # noqa: F811
    assert "<strong>$29</strong> a month" in client.get("/pricing/").content.decode()
    sell(stripe, PRO, cents=3100)
    page = client.get("/pricing/").content.decode()
    assert "<strong>$31</strong> a month" in page
    assert "<td>$31</td>" in page
    assert "<strong>$29</strong>" not in page
    assert '"price": "31.00"' in client.get("/").content.decode().replace('"price":"', '"price": "')
    assert [plan["monthly_cents"] for plan in client.get("/api/v1/plans/").json()] == [0, 3100, 9900]


def test_all_prices_are_found_in_one_query(stripe, django_assert_num_queries):  # noqa: F811
    with django_assert_num_queries(1):
        plans_as_sold()


def test_both_periods_are_on_the_page_and_chosen_without_a_script(home, client):
    page = client.get("/pricing/").content.decode()
    plans = page[page.index('class="plans"') : page.index("Plan by plan")]
    assert plans.count('type="radio" name="period"') == 2
    assert plans.count('class="price monthly"') == plans.count('class="price yearly"') == 3
    assert "<script" not in plans
