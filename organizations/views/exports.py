"""Archives of everything that the organization has: which there are, a new one, the way to one."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache

from organizations import exporting
from organizations.models import Export
from organizations.problems import NotFound, Problem
from organizations.roles import Action
from organizations.studio import OrganizationMixin, StudioPage

from .settings import BACK_TO_SETTINGS


class ExportsView(StudioPage):
    template_name = "organizations/exports.html"
    page_title = gettext_lazy("All your data")
    header_icon = "download"
    required_action = Action.EXPORT
    asks_who_it_is = True
    trail = BACK_TO_SETTINGS

    def get_context_data(self, **kwargs):
        exports = list(self.organization.exports.select_related("requested_by")[:20])
        return super().get_context_data(
            exports=exports, underway=any(each.state in Export.UNDERWAY for each in exports), **kwargs
        )

    def post(self, request):
        """Has one made."""
        try:
            exporting.request_export(self.organization, user=request.user)
        except Problem as problem:
            messages.error(request, problem.detail)
        else:
            messages.success(request, _("The archive is being made. You get an e-mail when it is ready."))
        return redirect("organization_exports")


class LinkView(OrganizationMixin, View):
    """Leads to the archive, by a link that serves for an hour."""

    http_method_names = ["post"]
    required_action = Action.EXPORT
    asks_who_it_is = True

    def get_confirmed_url(self):
        return reverse("organization_exports")

    def post(self, request, pk):
        export = self.get_mine(Export, pk)
        try:
            return redirect(exporting.signed_link(export, user=request.user))
        except Problem as problem:
            messages.error(request, problem.detail)
            return redirect("organization_exports")


@method_decorator(never_cache, name="dispatch")
class DownloadView(View):
    """The archive itself, for whoever has a signed link."""

    http_method_names = ["get"]

    def get(self, request, signature):
        try:
            export = exporting.archive_of(signature)
        except NotFound as problem:
            raise Http404(problem.detail) from problem
        name = export.file.name.rpartition("/")[2]
        return FileResponse(
            export.file.storage.open(export.file.name),
            as_attachment=True,
            filename=name,
            content_type="application/zip",
        )
