"""What pages of the studio share: the role they need, the organization they show, and how an action answers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from . import confirming
from .problems import Problem
from .roles import Action, may

HOME = {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}


class OrganizationMixin:
    """Shows only to those whose role allows `required_action`, and only what is the current organization's."""

    required_action: Action = Action.VIEW
    asks_who_it_is = False  # whoever signed in some time ago confirms who they are first
    request: HttpRequest

    def dispatch(self, request, *args, **kwargs):
        self.organization = request.organization
        if not self.may(self.required_action):
            raise PermissionDenied
        if self.asks_who_it_is and confirming.is_needed(request):
            if request.method == "POST":
                messages.warning(request, _("Nothing is done yet. Confirm that it is you, then do it once more."))
            return confirming.confirm_first(request, then=self.get_confirmed_url())
        return super().dispatch(request, *args, **kwargs)

    def get_confirmed_url(self) -> str:
        """Where a person who has confirmed who they are goes on."""
        return self.request.get_full_path()

    def may(self, action: Action) -> bool:
        return may(self.request.user, action, organization=self.organization)

    def get_mine(self, model, pk, **related):
        """The organization's own row, or 404."""
        return get_object_or_404(model.objects.filter(organization=self.organization).select_related(*related), pk=pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            organization=self.organization,
            zone=self.organization.timezone,
            **kwargs,
        )


class StudioPage(OrganizationMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page of the studio with a heading, a way back and buttons."""

    trail: list[dict] = []

    def get_breadcrumbs_items(self):
        return [HOME, *self.trail, {"url": "", "label": self.get_page_title()}]


class OperatorsPage(WagtailAdminTemplateMixin, TemplateView):
    """A page for superusers alone: of all organizations, or of the installation."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [HOME, {"url": "", "label": self.page_title}]


class ActionView(OrganizationMixin, View):
    """Does one thing on POST, says so or why not, and goes back."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            said = self.act(*args, **kwargs)
        except Problem as problem:
            messages.error(request, problem.detail)
        else:
            if said:
                messages.success(request, said)
        return redirect(self.get_next_url())

    def act(self, *args, **kwargs) -> str:
        """Carries it out and answers with the sentence to show. Raises Problem."""
        raise NotImplementedError

    def get_next_url(self) -> str:
        raise NotImplementedError

    def get_confirmed_url(self) -> str:
        return self.get_next_url()
