"""What billing adds to the studio."""

from django.urls import include, path
from wagtail import hooks


@hooks.register("register_admin_urls")
def urls():
    return [path("plan/", include("billing.urls"))]


@hooks.register("register_log_actions")
def log_actions(actions):
    from django.utils.translation import gettext_lazy as _
    from wagtail.log_actions import LogFormatter

    @actions.register_action("billing.plan_changed")
    class PlanChanged(LogFormatter):
        label = _("Change of plan")

        def format_message(self, entry):
            return _("Went from the %(before)s to the %(after)s plan") % entry.data
