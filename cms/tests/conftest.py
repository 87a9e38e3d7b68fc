"""A running product that the browser tests of one process share, and people who sign in to it."""

import pytest
from playwright.sync_api import expect

from cms import embedded_postgres

from .product import PASSWORD, PATIENCE, Product

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def product():
    if not embedded_postgres.is_used():
        pytest.skip("starts the product on the embedded PostgreSQL")
    with Product() as product:
        yield product


@pytest.fixture
def sign_in(browser, product):
    """`sign_in("member")` is a page in that person's own browser; more arguments are those of its context."""
    contexts = []

    def signed_in(name, **look):
        contexts.append(browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **look}))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{product.url}/accounts/login/")
        page.fill("[name=login]", f"{name}@demo.test")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Juniper Coffee Roasters")).to_be_visible()
        return page

    yield signed_in
    for context in contexts:
        context.close()
