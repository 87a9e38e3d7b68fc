"""What operators see of the installation itself: the doctor's findings as a page."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms import doctor
from cms.doctor import Verdict


class InstallationView(WagtailAdminTemplateMixin, TemplateView):
    """For superusers. Looks anew at each visit; a service that hangs costs some seconds, not the page."""

    template_name = "cms/installation.html"
    page_title = _("Installation")
    header_icon = "view"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [{"url": reverse("wagtailadmin_home"), "label": _("Home")}, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        found = list(doctor.examine())
        groups = [
            (_("Does not work"), "failed", [each for each in found if each.verdict == Verdict.FAILED]),
            (_("Look at this"), "warning", [each for each in found if each.verdict == Verdict.WARNING]),
            (_("In order"), "ok", [each for each in found if each.verdict == Verdict.OK]),
            (_("Not set up"), "unused", [each for each in found if each.verdict == Verdict.UNUSED]),
        ]
        return super().get_context_data(groups=[group for group in groups if group[2]], **kwargs)
