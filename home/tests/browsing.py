"""A real browser on the test's own database: every request is answered by Django's test client, in this process."""

import contextvars
import mimetypes
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route

SITE = "http://localhost:8000"  # BASE_URL
REDIRECTS = (301, 302, 303, 307, 308)
DESK = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 360, "height": 780}, "color_scheme": "dark"}


def open_page(browser: Browser, client: Client, **look) -> Page:
    """A page of a new context, signed in as whoever `client` is. Close its context afterwards."""
    context: BrowserContext = browser.new_context(base_url=SITE, reduced_motion="reduce", **look)
    # Playwright calls back in a greenlet; there Django would open a connection that does not see what the test made.
    here = contextvars.copy_context()
    context.route("**/*", lambda route: here.copy().run(_answer, route, client))
    return context.new_page()


def _answer(route: Route, client: Client) -> None:
    request = route.request
    address = urlsplit(request.url)
    if address.path.startswith("/static/"):
        found = finders.find(address.path.removeprefix("/static/"))
        if not found:
            route.fulfill(status=404)
            return
        kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
        route.fulfill(path=found, content_type=kind)
        return
    kind = request.headers.get("content-type", "application/octet-stream")
    sent = request.post_data_buffer or b""
    headers = {name: value for name, value in request.headers.items() if name not in ("content-type", "cookie")}
    answer = client.generic(
        request.method,
        address.path + (f"?{address.query}" if address.query else ""),
        data=sent,
        content_type=kind,
        headers=headers,
        HTTP_HOST="localhost:8000",
    )
    if answer.status_code in REDIRECTS:  # where the browser would go by itself, past us
        route.fulfill(
            content_type="text/html", body=f'<meta http-equiv="refresh" content="0;url={answer["Location"]}">'
        )
        return
    route.fulfill(
        status=answer.status_code,
        headers={name: value for name, value in answer.headers.items() if name != "Set-Cookie"},
        body=answer.getvalue(),
    )
