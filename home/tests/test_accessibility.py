"""axe-core finds nothing on any kind of page of the public site, on a desk in the light and on a phone in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from home import visiting
from home.models import Subscription

from .browsing import DESK, PHONE, open_page

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

PAGES = {
    "home": "/",
    "features": "/features/",
    "a feature with a table": "/features/teams-and-roles/",
    "a feature with code": "/features/api/",
    "pricing": "/pricing/",
    "docs": "/docs/",
    "a section of the docs": "/docs/publishing/",
    "a page of the docs": "/docs/api/first-request/",
    "the problems": "/docs/api/problems/",
    "blog": "/blog/",
    "a category": "/blog/category/publishing/",
    "an author": "/blog/author/content-studio/",
    "a post": "/blog/unknown-outcome/",
    "about": "/about/",
    "contact": "/contact/",
    "legal": "/legal/",
    "terms": "/legal/terms/",
    "search": "/search/",
    "found": "/search/?q=approval",
    "found in the docs": "/search/?q=approval&in=docs",
    "found nothing": "/search/?q=zebracorn",
    "not there": "/nowhere/",
    "newsletter": "/newsletter/asked/",
}


# In the dark the same colours are used everywhere, and on a phone only these are laid out differently.
IN_THE_DARK = {"home", "a feature with a table", "pricing", "a page of the docs", "a post", "not there"}


@pytest.mark.parametrize("look", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_the_public_site(home, client, browser, look):
    visiting.ask_for_newsletter(email="ada@example.test", sender="x")
    confirm = reverse("newsletter_confirm", args=[visiting.token_of(Subscription.objects.get())])
    page = open_page(browser, client, **look)
    found = []

    def look_at(name):
        if look is DESK or name in IN_THE_DARK or name not in PAGES:
            for violation in Axe().run(page).response["violations"]:
                nodes = [node["target"] for node in violation["nodes"]]
                found.append(f"{name}: {violation['id']}: {violation['help']}: {nodes}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{name}: {wide} px wider than the screen")

    for name, path in {**PAGES, "confirm": confirm}.items():
        page.goto(path)
        look_at(name)
    page.goto("/contact/")
    page.fill("[name=name]", "Ada")
    page.fill("[name=email]", "ada@example")  # which browsers take, and we do not
    page.fill("[name=text]", "Hello")
    page.click("form.contact button")
    page.wait_for_selector(".wrong")
    look_at("a message with a mistake")
    page.fill("[name=email]", "ada@example.test")
    page.click("form.contact button")
    page.wait_for_selector(".success")
    look_at("a message that was sent")
    page.context.close()
    assert not found, "\n".join(found)


def test_a_code_sample_is_copied_by_its_button(home, client, browser):
    page = open_page(browser, client, **DESK)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/docs/api/first-request/")
    sample = page.locator(".sample").first
    sample.hover()
    sample.get_by_role("button", name="Copy").click()
    sample.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -X POST http://localhost:8000/api/v1/auth/")
    page.context.close()
