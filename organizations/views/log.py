"""The organization's log, for those who may read it."""

from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.log_actions import log

from organizations import audit
from organizations.forms import LogFilterForm
from organizations.roles import Action
from organizations.spreadsheets import write_csv
from organizations.studio import OrganizationMixin, StudioPage

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
        query.pop("page", None)
        links["export"] = f"{reverse('organization_log_export')}?{query.urlencode()}"
        return super().get_context_data(form=form, entries=found[:PER_PAGE], **links, **kwargs)


class LogExportView(OrganizationMixin, View):
    """All that the filter finds, as a CSV file, newest first. That it was taken along is in the log, too."""

    http_method_names = ["get"]
    required_action = Action.READ_AUDIT_LOG
    HEADINGS = ["time_utc", "person", "action", "description", "subject", "address"]

    def get(self, request):
        form = LogFilterForm(request.GET, organization=self.organization)
        if not form.is_valid():
            return redirect(f"{reverse('organization_log')}?{request.GET.urlencode()}")  # which says what is wrong
        filtered = f" ({form.asked})" if form.asked else ""
        log(self.organization, "organizations.export_log", user=request.user, data={"filter": filtered})
        asked = {name: value for name, value in form.cleaned_data.items() if name != "page"}
        rows = (
            [f"{each.at:%Y-%m-%dT%H:%M:%SZ}", each.person, each.action, each.did, each.what, each.address]
            for each in audit.everything(self.organization, **asked)
        )
        answer = StreamingHttpResponse(write_csv(self.HEADINGS, rows), content_type="text/csv; charset=utf-8")
        name = f"log-{self.organization.slug}-{timezone.now():%Y-%m-%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
