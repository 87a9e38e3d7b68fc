"""Branding, the order of the menu, and what people of an organization do not see of Wagtail's own menu."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.wagtail_hooks import SettingsMenuItem

from .dashboard import Home
from .installation import InstallationView

# Wagtail's tools for the operator of a whole site. Hiding is for calm: what guards them is elsewhere.
FOR_OPERATORS = {"explorer", "reports", "help", "snippets", "forms", "redirects"}
PLACES = {"images": 40, "documents": 41}


@hooks.register("insert_global_admin_css")
def brand_css():
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}">',
        static("brand/tokens.css"),
        static("content_studio/studio.css"),
    )


@hooks.register("construct_homepage_panels")
def only_our_home(request, panels):
    panels[:] = [Home(request)]


@hooks.register("register_admin_menu_item")
def register_home():
    return MenuItem(_("Home"), reverse("wagtailadmin_home"), name="home", icon_name="home", order=0)


@hooks.register("register_admin_urls")
def installation_url():
    return [path("installation/", InstallationView.as_view(), name="installation")]


class OperatorsMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.is_superuser


@hooks.register("register_settings_menu_item")
def register_installation():
    return OperatorsMenuItem(
        _("Installation"), reverse("installation"), name="installation", icon_name="view", order=910
    )


@hooks.register("construct_main_menu")
def arrange_menu(request, menu_items):
    for item in menu_items:
        item.order = PLACES.get(item.name, item.order)
        if item.name == "images":
            item.label = _("Pictures")
    if not request.user.is_superuser:
        menu_items[:] = [
            item for item in menu_items if item.name not in FOR_OPERATORS and not isinstance(item, SettingsMenuItem)
        ]
