# ruff: noqa: F811  a fixture is named where it is used
"""A person of the marketing team makes a landing page from blocks in a real browser, and publishes it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from home.models import LandingPage
from home.tests.browsing import open_page
from home.tests.conftest import _made, home  # noqa: F401
from organizations.factories import PASSWORD, UserFactory
from organizations.site_editors import make_group

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
WINDOW = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def page(home, browser):
    """The studio's home, as an editor of the public site sees it."""
    mia = UserFactory(email="mia@example.test", first_name="Mia")
    mia.groups.add(make_group())
    client = Client()
    assert client.login(email=mia.email, password=PASSWORD)
    page = open_page(browser, client, **WINDOW)
    page.set_default_timeout(20_000)
    page.goto("/admin/")
    yield page
    page.context.close()


def add(page, block: str) -> None:
    """Chooses `block` with the last of the plus signs, as the next one on the page."""
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name=block, exact=True).click()


def write(page, path: str, words: str) -> None:
    """Writes into the rich text at `path`, the parts of a field's name between `body-` and the end."""
    block = page.locator(f"[name=body-{path}]").locator("xpath=ancestor::*[@data-contentpath][1]")
    block.locator(".public-DraftEditor-content").click()
    page.keyboard.insert_text(words)


def test_a_landing_page_is_made_from_blocks_and_published(page, home):
    page.get_by_role("link", name="New landing page").click()
    page.fill("[name=title]", "Coffee roasters")
    page.fill("[name=summary]", "For roasteries that post every day.")

    add(page, "Hero")
    page.fill("[name=body-0-value-heading]", "Roast. Write. *Approve.*")
    write(page, "0-value-text", "One place for everything that your roastery says.")
    page.select_option("[name=body-0-value-picture-screenshot]", "review")
    page.fill("[name=body-0-value-picture-alt]", "A post in review.")

    add(page, "Features")
    page.fill("[name=body-1-value-heading]", "What you get")
    page.fill("[name=body-1-value-features-0-value-title]", "A second pair of eyes")
    write(page, "1-value-features-0-value-text", "Nobody posts alone.")

    add(page, "Comparison")
    page.fill("[name=body-2-value-heading]", "How it differs")
    page.fill("[name=body-2-value-checked_on]", "2026-11-27")
    page.keyboard.press("Tab")
    page.fill("[name=body-2-value-others-0-value]", "A spreadsheet")
    page.fill("[name=body-2-value-rows-0-value-capability]", "Approval")
    page.fill("[name=body-2-value-rows-0-value-ours]", "Of one revision")
    page.fill("[name=body-2-value-rows-0-value-theirs-0-value]", "A colour")
    page.fill("[name=body-2-value-sources-0-value-label]", "Our own")
    page.fill("[name=body-2-value-sources-0-value-address]", "https://example.org/sheet")

    add(page, "Call to action")
    page.fill("[name=body-3-value-heading]", "Open the doors.")

    page.locator("[data-side-panel-toggle=preview]").click()
    preview = page.frame_locator("#w-preview-iframe")
    expect(preview.get_by_role("heading", name="Roast. Write. Approve.")).to_be_visible()
    expect(preview.get_by_role("link", name="Start free").last).to_be_attached()

    page.get_by_role("button", name="More actions").last.click()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(f"**/admin/pages/{home.pk}/")
    expect(page.get_by_text("Page 'Coffee roasters' has been published.")).to_be_visible()

    made = LandingPage.objects.get()
    assert [block.block_type for block in made.body] == ["hero", "features", "comparison", "call_to_action"]
    page.goto("/coffee-roasters/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Roast. Write. Approve.")
    assert page.locator(".mark", has_text="Approve.").is_visible()
    assert page.get_by_role("link", name="Start free").count() == 3  # in the head, the hero and the call to action
    assert page.get_by_role("img", name="A post in review.").is_visible()
    assert page.get_by_role("cell", name="A colour").is_visible()
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
