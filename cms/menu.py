"""The studio's main menu: what is needed all day on top, the rest in three groups."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.wagtail_hooks import SettingsMenuItem

# Wagtail's tools for the operator of a whole site. Hiding is for calm: what guards them is elsewhere.
FOR_OPERATORS = {"explorer", "reports", "help", "snippets", "forms", "redirects"}
# What only an organization has, and so nobody who works on the public site.
OF_ORGANIZATIONS = {"posts", "calendar", "queue"}
PLACES = {"images": 40, "documents": 41}
PLACES_ON_THE_SITE = {"explorer": 10, "site-content": 50}
# Wagtail marks the item whose address the page's begins with. Pages that lie elsewhere, below the admin's own
# address, and the item that leads to them.
ELSEWHERE = {
    "posts": ("pages/", "generations/", "labels/", "campaigns/"),
    "organization-settings": ("organization/",),
}


@dataclass(frozen=True)
class Group:
    """Items of the menu that are shown under one heading, by their names. A whole submenu may be one of them."""

    name: str
    label: str | Promise
    icon: str
    order: int
    holds: tuple[str, ...]


GROUPS = (
    Group("media-and-library", _("Library"), "folder-open-inverse", 40, ("images", "documents", "library")),
    Group("channels-and-deliveries", _("Publishing"), "resubmit", 50, ("channels", "deliveries", "publishing")),
    Group(
        "of-the-organization",
        _("Organization"),
        "group",
        70,
        ("team", "review", "plan", "webhooks", "organization-settings"),
    ),
)


class Elsewhere(MenuItem):
    """Never seen: marks `item` on pages below `path`. Wagtail takes an item for a part of one whose name begins its."""

    def __init__(self, item: MenuItem, path: str):
        attrs = {"hidden": True}
        url = reverse("wagtailadmin_home") + path
        super().__init__(item.label, url, name=f"{item.name}.{path}", attrs=attrs, order=item.order)


def arrange(request, items: list[MenuItem]) -> None:
    """Orders and groups the items that `request`'s person may see, in place."""
    for item in items:
        item.order = PLACES.get(item.name, item.order)
        if item.name == "images":
            item.label = _("Pictures")
    if request.edits_site:
        items[:] = [item for item in items if item.name not in OF_ORGANIZATIONS]
        for item in items:
            item.order = PLACES_ON_THE_SITE.get(item.name, item.order)
    if not request.user.is_superuser and not request.edits_site:
        items[:] = [item for item in items if item.name not in FOR_OPERATORS and not isinstance(item, SettingsMenuItem)]
    items += [Elsewhere(item, path) for item in items for path in ELSEWHERE.get(item.name, ())]
    for group in GROUPS:
        held = [item for item in items if item.name.partition(".")[0] in group.holds]
        if len(held) > 1:
            items[:] = [item for item in items if item not in held]
            items.append(_submenu(group, held, request))


def _submenu(group: Group, held: list[MenuItem], request) -> SubmenuMenuItem:
    inner: list[MenuItem] = []
    for item in sorted(held, key=lambda item: item.order):
        inner += item.menu.menu_items_for_request(request) if isinstance(item, SubmenuMenuItem) else [item]
    return SubmenuMenuItem(group.label, Menu(items=inner), name=group.name, icon_name=group.icon, order=group.order)
