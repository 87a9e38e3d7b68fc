"""The organization's log, for those who may read it."""

from django.utils.translation import gettext_lazy

from organizations import audit
from organizations.forms import LogFilterForm
from organizations.roles import Action
from organizations.studio import StudioPage

from .settings import BACK_TO_SETTINGS

PER_PAGE = 50


class LogView(StudioPage):
    template_name = "organizations/log.html"
    page_title = gettext_lazy("Log")
    header_icon = "history"
    required_action = Action.READ_AUDIT_LOG
    trail = BACK_TO_SETTINGS

    def get_context_data(self, **kwargs):
        form = LogFilterForm(self.request.GET, organization=self.organization)
        asked = form.cleaned_data if form.is_valid() else {}
        page = asked.pop("page", None) or 1
        found = audit.entries(self.organization, **asked, start=(page - 1) * PER_PAGE, count=PER_PAGE + 1)
        query = self.request.GET.copy()
        links = {}
        for name, number, shown in (("newer", page - 1, page > 1), ("older", page + 1, len(found) > PER_PAGE)):
            query["page"] = number
            links[name] = f"?{query.urlencode()}" if shown else ""
        return super().get_context_data(form=form, entries=found[:PER_PAGE], **links, **kwargs)
