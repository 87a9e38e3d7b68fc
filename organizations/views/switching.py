"""Between the organizations of one person: choosing one, and beginning another."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import FormView

from organizations.access import CurrentOrganizationMiddleware
from organizations.creating import begin_another
from organizations.forms import NewOrganizationForm
from organizations.models import Organization
from organizations.problems import Problem
from organizations.site_editors import is_site_editor


@method_decorator(login_required, name="dispatch")
class SwitchView(View):
    """Makes another of the person's organizations the current one."""

    http_method_names = ["post"]

    def post(self, request, pk):
        organization = Organization.objects.for_user(request.user).filter(pk=pk).first()
        if organization is None:
            raise Http404
        request.session[CurrentOrganizationMiddleware.SESSION_KEY] = str(organization.pk)
        return redirect("wagtailadmin_home")


@method_decorator(login_required, name="dispatch")
class SwitchToSiteView(View):
    """Lets an editor of the public site work there, in no organization."""

    http_method_names = ["post"]

    def post(self, request):
        if not is_site_editor(request.user):
            raise Http404
        request.session[CurrentOrganizationMiddleware.SESSION_KEY] = CurrentOrganizationMiddleware.SITE
        return redirect("wagtailadmin_home")


@method_decorator(login_required, name="dispatch")
class NewOrganizationView(FormView):
    """Begins an organization for somebody who belongs to none, or wants another."""

    template_name = "organizations/new_organization.html"
    form_class = NewOrganizationForm

    def form_valid(self, form):
        try:
            organization = begin_another(name=form.cleaned_data["name"], owner=self.request.user)
        except Problem as problem:
            form.add_error(None, problem.detail)
            return self.form_invalid(form)
        self.request.session[CurrentOrganizationMiddleware.SESSION_KEY] = str(organization.pk)
        return redirect("wagtailadmin_home")
