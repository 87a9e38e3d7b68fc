"""Branding, the order of the menu, and what people of an organization do not see of Wagtail's own menu."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button

from content_studio.promoting import source_of
from home.desk import Desk
from home.models import SitePage
from organizations.access import current_organization
from organizations.roles import Action, may

from . import menu
from .dashboard import Home
from .installation import InstallationView


@hooks.register("insert_global_admin_css")
def brand_css():
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}">',
        static("brand/tokens.css"),
        static("content_studio/studio.css"),
    )


@hooks.register("construct_homepage_panels")
def only_our_home(request, panels):
    panels[:] = [Desk(request) if request.edits_site else Home(request)]


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
    menu.arrange(request, menu_items)


def promote_url(page) -> str:
    return f"{reverse('compose')}?page={page.pk}"


def may_promote(page, user) -> bool:
    """A live page of the public site, and a person who may write with AI for the organization they work for."""
    return (
        issubclass(page.specific_class or type(page), SitePage)
        and page.live
        and may(user, Action.GENERATE, organization=current_organization())
    )


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def promote_button(page, user, next_url=None, view_name="", **kwargs):
    if may_promote(page, user):
        yield Button(_("Promote"), promote_url(page), icon_name="wand", priority=65)


@hooks.register("after_publish_page")
def offer_to_promote(request, page):
    if may_promote(page, request.user) and source_of(page):
        messages.info(
            request,
            _("“%(title)s” is public. Tell people about it.") % {"title": page.title},
            buttons=[messages.button(promote_url(page), _("Promote"))],
        )
