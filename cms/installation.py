"""What operators see of the installation itself: the doctor's findings as a page."""

from django.utils.translation import gettext_lazy as _

from cms import doctor
from cms.doctor import Verdict
from organizations.studio import OperatorsPage


class InstallationView(OperatorsPage):
    """For superusers. Looks anew at each visit; a service that hangs costs some seconds, not the page."""

    template_name = "cms/installation.html"
    page_title = _("Installation")
    header_icon = "view"

    def get_context_data(self, **kwargs):
        found = list(doctor.examine())
        groups = [
            (_("Does not work"), "failed", [each for each in found if each.verdict == Verdict.FAILED]),
            (_("Look at this"), "warning", [each for each in found if each.verdict == Verdict.WARNING]),
            (_("In order"), "ok", [each for each in found if each.verdict == Verdict.OK]),
            (_("Not set up"), "unused", [each for each in found if each.verdict == Verdict.UNUSED]),
        ]
        return super().get_context_data(groups=[group for group in groups if group[2]], **kwargs)
