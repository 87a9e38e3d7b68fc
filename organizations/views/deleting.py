"""The end of an organization: the page that asks for its name, and the one that people of it see afterwards."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from organizations import deleting
from organizations.access import CurrentOrganizationMiddleware
from organizations.forms import DeleteForm
from organizations.models import Organization
from organizations.problems import Problem
from organizations.roles import Action
from organizations.studio import StudioPage
from organizations.walls import outside_walls

from .settings import BACK_TO_SETTINGS


class DeleteView(StudioPage):
    """What would go, and the field for the name."""

    template_name = "organizations/delete.html"
    page_title = gettext_lazy("Delete the organization")
    header_icon = "bin"
    required_action = Action.DELETE
    asks_who_it_is = True
    trail = BACK_TO_SETTINGS

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", DeleteForm())
        return super().get_context_data(days=Organization.KEPT_FOR.days, **kwargs)

    def post(self, request):
        form = DeleteForm(request.POST)
        if form.is_valid():
            try:
                deleting.delete_organization(self.organization, user=request.user, **form.cleaned_data)
            except Problem as problem:
                form.add_error("name", problem.detail)
            else:
                return redirect("organization_deleted", self.organization.pk)
        return self.render_to_response(self.get_context_data(form=form))


class OwnDeletedMixin:
    """For people of a deleted organization; for everybody else there is none."""

    def dispatch(self, request, pk):
        with outside_walls():  # the person may work for another of theirs at this moment
            mine = Organization.objects.for_user(request.user).select_related("deleted_by")
            self.organization = mine.filter(pk=pk).first()
        if self.organization is None:
            raise Http404
        return super().dispatch(request, pk)


@method_decorator(login_required, name="dispatch")
class DeletedView(OwnDeletedMixin, TemplateView):
    """Says that it was deleted, by whom, when it is erased, and what one may do."""

    template_name = "organizations/deleted.html"

    def get(self, request, pk):
        if not self.organization.deleted_at:
            return redirect("wagtailadmin_home")
        others = Organization.objects.for_user(request.user).at_work()
        return self.render_to_response(
            {
                "organization": self.organization,
                "zone": self.organization.timezone,
                "may_restore": deleting.may_restore(request.user, self.organization),
                "others": others,
            }
        )


@method_decorator(login_required, name="dispatch")
class RestoreView(OwnDeletedMixin, View):
    """Brings it back."""

    http_method_names = ["post"]

    def post(self, request, pk):
        try:
            deleting.restore_organization(self.organization, user=request.user)
        except Problem as problem:
            messages.error(request, problem.detail)
            return redirect("organization_deleted", pk)
        request.session[CurrentOrganizationMiddleware.SESSION_KEY] = str(pk)
        messages.success(request, _("%(organization)s is back.") % {"organization": self.organization})
        return redirect("wagtailadmin_home")
