"""What billing adds to the studio. Registers only."""

from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogFormatter

from .glances import SEE_USAGE, glance_of
from .grants import GrantViewSet


@hooks.register("insert_global_admin_css")
def css():
    return format_html('<link rel="stylesheet" href="{}">', static("billing/billing.css"))


@hooks.register("insert_global_admin_js")
def js():
    return format_html('<script src="{}" defer></script>', static("billing/usage.js"))


@hooks.register("register_admin_urls")
def urls():
    return [path("plan/", include("billing.urls"))]


@hooks.register("register_admin_viewset")
def grants():
    return GrantViewSet()


class PlanMenuItem(MenuItem):
    """For those who may see the current organization's usage."""

    def is_shown(self, request):
        glance = glance_of(request)
        return glance is not None and glance.may(SEE_USAGE)


class OperatorsMenuItem(MenuItem):
    """Shown to those who run the installation."""

    def is_shown(self, request):
        return request.user.is_superuser


@hooks.register("register_admin_menu_item")
def plan_menu_item():
    return PlanMenuItem(_("Plan & usage"), reverse("billing:plan"), name="plan", icon_name="tag", order=80)


@hooks.register("register_settings_menu_item")
def operators_menu_item():
    return OperatorsMenuItem(
        _("Revenue & usage"), reverse("billing:operators"), name="revenue", icon_name="table", order=900
    )


@hooks.register("register_log_actions")
def log_actions(actions):
    messages = {
        "billing.plan_changed": (_("Change of plan"), _("Went from the %(before)s to the %(after)s plan")),
        "billing.granted": (_("Grant a plan"), _("Granted the %(plan)s plan: %(reason)s")),
        "billing.grant_changed": (_("Change a granted plan"), _("Changed the granted %(plan)s plan: %(reason)s")),
        "billing.grant_ended": (_("Take a granted plan back"), _("Took the granted %(plan)s plan back")),
        "billing.plan_kept": (_("Keep the plan"), _("Took a planned change back and kept the %(plan)s plan")),
        "billing.kept": (_("Choose what stays in use"), _("Chose what stays in use: %(what)s")),
    }
    for name, (label, message) in messages.items():
        actions.register_action(name)(_formatter(label, message))


def _formatter(said_label, said_message):
    class Formatter(LogFormatter):
        label = said_label
        message = said_message

        def format_message(self, entry):
            return said_message % entry.data

    return Formatter
