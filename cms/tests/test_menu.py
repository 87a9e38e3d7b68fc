"""What is needed all day is on top of the menu; the rest is a click away, for those who may."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from django.urls import URLResolver, get_resolver

from organizations.models import Role

pytestmark = pytest.mark.django_db


def items_of(client, person):
    """The menu's items as the sidebar is told of them: (item, the items below it)."""
    client.force_login(person)
    data = BeautifulSoup(client.get("/admin/").text, "html.parser").find(id="wagtail-sidebar-props").text
    [found] = [each for each in json.loads(data)["modules"] if each["_type"] == "wagtail.sidebar.MainMenuModule"]
    for each in found["_args"][0]:
        below = each["_args"][1] if "SubMenu" in each["_type"] else []
        yield each["_args"][0], [child["_args"][0] for child in below]


def menu_of(client, person):
    """The names that are seen."""
    return {
        item["name"]: [child["name"] for child in below if not child["attrs"].get("hidden")]
        for item, below in items_of(client, person)
        if not item["attrs"].get("hidden")
    }


def marked(items, address):
    """The path of the item that Wagtail's sidebar marks for a page: the one whose address is the longest beginning."""
    addresses = [(f".{item['name']}", item) for item, _below in items]
    addresses += [(f".{item['name']}.{child['name']}", child) for item, below in items for child in below]
    fitting = [(len(item["url"]), path) for path, item in addresses if address.startswith(item.get("url") or "-")]
    return max(fitting)[1]


def test_an_owner_finds_everything_in_a_menu_that_fits_on_a_screen(client, acme, alice):
    menu = menu_of(client, alice)
    assert len(menu) <= 10
    assert {"home", "compose", "posts", "calendar", "queue"} <= menu.keys()
    assert {"images", "documents"} < set(menu["media-and-library"])
    assert menu["channels-and-deliveries"] == ["channels", "deliveries", "publishing"]
    assert {"team", "review", "plan", "organization-settings"} <= set(menu["of-the-organization"])


def test_a_viewer_is_shown_what_a_viewer_may_open(client, acme, vera):
    menu = menu_of(client, vera)
    assert "compose" not in menu
    offered = set(menu) | {child for children in menu.values() for child in children}
    assert not offered & {"plan", "organization-settings", "explorer", "reports", "settings", "webhooks"}
    assert vera.memberships.get().role == Role.VIEWER
    assert "calendar" in menu


OURS = ("cms", "content_studio", "publishing", "billing", "webhooks", "organizations")
# What no item leads to: pages for operators, and answers to a page's script, which are no pages.
OF_NO_ITEM = ("installation/", "assist/", "checks/", "plan-grants/")


def pages_of_ours(patterns=None, before=""):
    """The address of each view below the admin that this project brings, with an `x` for whatever it names."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        address = before + re.sub(r"<[^>]+>", "x", str(each.pattern))
        if isinstance(each, URLResolver):
            yield from pages_of_ours(each.url_patterns, address)
        elif address.startswith("admin/") and each.callback.__module__.split(".")[0] in OURS:
            yield address.removeprefix("admin/")


def test_every_page_marks_the_item_that_leads_to_it(client, acme, alice):
    items = list(items_of(client, alice))
    settings = ".of-the-organization.organization-settings"
    assert marked(items, "/admin/") == ".home"
    assert marked(items, "/admin/pages/7/edit/").startswith(".posts")
    assert marked(items, "/admin/posts/7/schedule/") == ".posts"
    assert marked(items, "/admin/channels/x/try/") == ".channels-and-deliveries.channels"
    assert marked(items, "/admin/team/x/role/") == ".of-the-organization.team"
    assert all(marked(items, f"/admin/organization/{page}/").startswith(settings) for page in ("keys", "log", "delete"))
    pages = [page for page in pages_of_ours() if not page.startswith(OF_NO_ITEM)]
    assert len(pages) > 100
    unmarked = [page for page in pages if marked(items, f"/admin/{page}") == ".home"]
    assert not unmarked, " ".join(unmarked)
