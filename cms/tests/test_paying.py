"""From signing up to paying, using and cancelling, as a person in a browser, against the stand-in for Stripe."""

import re

import pytest
from playwright.sync_api import expect

from billing.tests.stripe_fake import StripeAccount, StripeServer
from cms import embedded_postgres

from .product import PATIENCE, Product
from .test_journeys import call, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not embedded_postgres.is_used(), reason="starts the product on the embedded PostgreSQL, as journeys do"
    ),
]

EMAIL, PASSWORD = "nadia@harbour.example", "a-good-long-password"


@pytest.fixture
def stripe():
    with StripeServer(StripeAccount(), for_people=True) as server:
        yield server


def link_in_mail(directory):
    """The address that confirms an e-mail address, once the worker has sent it."""

    def found():
        texts = [file.read_text() for file in directory.glob("*.log")]
        return next((match[0] for text in texts if (match := re.search(r"http\S+/confirm-email/\S+", text))), None)

    wait_until(found)
    return found()


def test_an_owner_signs_up_pays_writes_cancels_and_is_on_free_again(browser, stripe, tmp_path):
    keys = {"STRIPE_SECRET_KEY": stripe.SECRET_KEY, "STRIPE_API_BASE": stripe.url}
    with Product(**keys, EMAIL_URL=f"filemail:///{tmp_path}") as product:
        assert "Made the webhook endpoint." in product.manage("billing_sync")
        page = browser.new_context(viewport={"width": 1280, "height": 1200}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{product.url}/accounts/signup/")
        page.fill("[name=name]", "Nadia")
        page.fill("[name=organization]", "Harbour Lights")
        page.fill("[name=email]", EMAIL)
        page.fill("[name=password1]", PASSWORD)
        page.click("form button[type=submit]")
        page.goto(link_in_mail(tmp_path))
        page.locator("form button[type=submit]").first.click()
        page.wait_for_url("**/admin/**")  # in the browser of the sign-up nobody has to sign in again

        page.goto(f"{product.url}/admin/plan/")
        expect(page.get_by_text("of 100 used")).to_be_visible()
        page.get_by_role("link", name="Choose a plan").click()
        page.get_by_role("button", name="Take Pro").click()
        page.get_by_role("button", name="Subscribe").click()  # on Stripe's page
        expect(page.get_by_text("You are on the Pro plan now: 5,000 tokens a month.")).to_be_visible()
        wait_until(lambda: ("customer.subscription.created", 200) in stripe.sent)

        _status, tokens = call(product, "auth/token/", body={"email": EMAIL, "password": PASSWORD})
        brief = {"platform": "twitter", "tone": "casual", "prompt": "We open on Sundays now.", "ai_provider": "demo"}
        status, made = call(product, "content/generate/", token=tokens["access"], body=brief)
        assert status == 201, made
        assert made["tokens"]["remaining"] == 5_000 - made["tokens"]["charged"]
        page.reload()
        expect(page.get_by_text(f"{made['tokens']['remaining']:,} tokens left").first).to_be_visible()

        page.get_by_role("button", name="Cancel the plan").click()
        page.get_by_role("button", name="Cancel plan").click()  # on Stripe's page
        expect(page.get_by_text("Cancelled: holds until")).to_be_visible()
        page.goto(stripe.url)
        page.get_by_role("button", name="Let 32 days pass").click()
        wait_until(lambda: ("customer.subscription.deleted", 200) in stripe.sent)
        page.goto(f"{product.url}/admin/plan/")
        expect(page.get_by_text("of 100 used")).to_be_visible()
        assert {status for _type, status in stripe.sent} == {200}
