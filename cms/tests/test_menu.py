"""What is needed all day is on top of the menu; the rest is a click away, for those who may."""

import json

import pytest
from bs4 import BeautifulSoup

from organizations.models import Role

pytestmark = pytest.mark.django_db


def menu_of(client, person):
    client.force_login(person)
    data = BeautifulSoup(client.get("/admin/").text, "html.parser").find(id="wagtail-sidebar-props").text
    [found] = [each for each in json.loads(data)["modules"] if each["_type"] == "wagtail.sidebar.MainMenuModule"]
    items = found["_args"][0]
    return {
        each["_args"][0]["name"]: [
            child["_args"][0]["name"] for child in (each["_args"][1] if "SubMenu" in each["_type"] else [])
        ]
        for each in items
    }


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
