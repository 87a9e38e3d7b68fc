"""The page on which an organization decides how its posts are reviewed."""

from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from billing.entitlements import plan_of
from organizations.configuring import save_settings
from organizations.forms import EditsForm
from organizations.problems import Problem
from organizations.roles import Action

from . import stages
from .models import ApprovalTask
from .post_views import ForOrganization


class PeopleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, person):
        return f"{person} ({person.email})"


class StageForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("What is looked at here, such as Brand, Legal or Client."),
    )
    approvers = PeopleField(
        queryset=None,
        required=False,
        label=gettext_lazy("Who approves"),
        help_text=gettext_lazy("Choose nobody, and everybody whose role allows it approves."),
    )
    needs_all = forms.BooleanField(
        required=False,
        label=gettext_lazy("All of them have to approve"),
        help_text=gettext_lazy("Otherwise one is enough."),
    )
    own_posts = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("People may approve their own posts")
    )
    due_hours = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=24 * 60,
        label=gettext_lazy("To be decided within (hours)"),
        help_text=gettext_lazy("Afterwards the approvers get a reminder, and one more on each of the next two days."),
    )
    by_link = forms.BooleanField(
        required=False,
        label=gettext_lazy("A client may approve here by a review link"),
        help_text=gettext_lazy("Whoever has such a link that allows approving: that alone is enough at this stage."),
    )

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["approvers"].queryset = ApprovalTask(organization=organization).everybody()


class ReviewPage(ForOrganization, WagtailAdminTemplateMixin):
    model = ApprovalTask
    required_action = Action.MANAGE_SETTINGS
    page_title = gettext_lazy("Review")
    header_icon = "circle-check"

    def get_breadcrumbs_items(self):
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("review_stages"), "label": _("Review")},
        ]


class StagesView(ReviewPage, TemplateView):
    template_name = "content_studio/review/stages.html"

    def get_context_data(self, **kwargs):
        found = stages.stages_of(self.organization)
        plan = plan_of(self.organization)
        return {
            **super().get_context_data(**kwargs),
            "stages": found,
            "may_add": len(found) < plan.review_stages,
            "plan": plan,
            "organization": self.organization,
            "edits_form": kwargs.get("edits_form") or EditsForm(instance=self.organization),
        }

    def post(self, request, *args, **kwargs):
        form = EditsForm(request.POST, instance=self.organization)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(edits_form=form))
        save_settings(form, user=request.user)
        messages.success(request, _("Saved. It holds for every edit from now on."))
        return redirect("review_stages")


class StageMixin:
    kwargs: dict[str, Any]
    organization: Any

    @cached_property
    def stage(self) -> ApprovalTask | None:
        if "pk" not in self.kwargs:
            return None
        for stage in stages.stages_of(self.organization):
            if stage.pk == self.kwargs["pk"]:
                return stage
        raise Http404


class StageView(StageMixin, ReviewPage, TemplateView):
    """Adds a stage, or changes one."""

    template_name = "content_studio/review/stage.html"

    def get_page_title(self):
        return self.stage.name if self.stage else _("New stage")

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    @cached_property
    def form(self) -> StageForm:
        initial = {}
        if self.stage:
            initial = {
                name: getattr(self.stage, name) for name in ("name", "needs_all", "own_posts", "by_link", "due_hours")
            }
            initial["approvers"] = self.stage.approvers.all()
        return StageForm(self.request.POST or None, initial=initial, organization=self.organization)

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "form": self.form}

    def post(self, request, *args, **kwargs):
        if self.form.is_valid():
            try:
                stages.save_stage(self.organization, user=request.user, stage=self.stage, **self.form.cleaned_data)
            except Problem as problem:
                self.form.add_error(None, problem.detail)
            else:
                messages.success(request, _("Saved. Posts that are submitted from now on are reviewed like this."))
                return redirect("review_stages")
        return self.render_to_response(self.get_context_data())


class StageActionView(StageMixin, ForOrganization, View):
    """Moves a stage, or removes it."""

    http_method_names = ["post"]
    required_action = Action.MANAGE_SETTINGS

    def where_refused(self):
        return "review_stages"

    def post(self, request, pk):
        action = request.POST.get("action")
        if action == "remove":
            stages.remove_stage(self.stage, user=request.user)
            messages.success(request, _("Removed."))
        elif action in ("up", "down"):
            stages.move_stage(self.stage, by=-1 if action == "up" else 1, user=request.user)
        return redirect("review_stages")
