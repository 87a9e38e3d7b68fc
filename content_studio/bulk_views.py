"""What is done with many posts at once from the list: asks what is needed, does it, and shows what became of each."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from organizations.roles import ACTIONS_OF_ROLE, Action, require, role_of

from . import bulk
from .editor import posts_breadcrumbs
from .labels import Campaign, Label
from .localfields import WallClockField, ZoneField
from .post_views import ForOrganization


class NothingMoreForm(forms.Form):
    """For what needs nothing further said."""

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)

    def wanted(self) -> dict:
        return {}


class RescheduleForm(forms.Form):
    """Two ways of saying when. Only the fields of the chosen one are shown, and only they count."""

    ONLY_WHEN = {"shift": ("days", "minutes"), "set": ("local_time", "timezone", "apart")}

    how = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            ("shift", gettext_lazy("Move each by")),
            ("set", gettext_lazy("Begin at a time, one after the other")),
        ],
        widget=forms.RadioSelect,
        initial="shift",
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"), initial=1, required=False, min_value=-366, max_value=366,
        help_text=gettext_lazy("Negative moves to an earlier day. Times on the wall stay the same."),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), initial=0, required=False, min_value=-1440, max_value=1440
    )
    local_time = WallClockField(label=gettext_lazy("First at"), required=False)
    timezone = ZoneField()
    apart = forms.IntegerField(
        label=gettext_lazy("Minutes between two"), initial=60, required=False, min_value=0, max_value=7 * 1440
    )

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, initial={"timezone": organization.timezone}, **kwargs)
        for how, names in self.ONLY_WHEN.items():
            for name in names:
                self.fields[name].widget.attrs["data-only-when"] = how  # the style sheet hides the other ones

    def clean(self):
        cleaned = super().clean()
        how = cleaned.get("how")
        for name in self.ONLY_WHEN["set" if how == "shift" else "shift"]:
            self.errors.pop(name, None)  # typed there before somebody chose the other way
            cleaned[name] = self.get_initial_for_field(self.fields[name], name)
        if how == "set" and not cleaned.get("local_time") and "local_time" not in self.errors:
            self.add_error("local_time", _("Say when the first one goes out."))
        return cleaned


class SortForm(forms.Form):
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), required=False, label=gettext_lazy("Campaign"),
        empty_label=gettext_lazy("Leave as it is"),
    )  # fmt: skip
    no_campaign = forms.BooleanField(required=False, label=gettext_lazy("Take them out of their campaign"))
    add = forms.ModelMultipleChoiceField(
        queryset=Label.objects.none(), required=False, label=gettext_lazy("Add labels"),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    remove = forms.ModelMultipleChoiceField(
        queryset=Label.objects.none(), required=False, label=gettext_lazy("Take labels off"),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.for_organization(organization)
        for name in ("add", "remove"):
            self.fields[name].queryset = Label.objects.for_organization(organization)

    def wanted(self) -> dict:
        said = self.cleaned_data
        changes: dict[str, Any] = {"add": said["add"], "remove": said["remove"]}
        if said["no_campaign"]:
            changes["campaign"] = None
        elif said["campaign"]:
            changes["campaign"] = said["campaign"]
        return changes


@dataclass(frozen=True)
class BulkAction:
    """One button of the list. `needs` is what the role must allow at least."""

    name: str
    label: Any
    icon: str
    needs: Action
    do: Callable
    form: type[forms.Form] = NothingMoreForm
    question: Any = ""
    serious: bool = False


def _reschedule(posts, *, user, how, days, minutes, local_time, timezone, apart):
    if how == "set":
        between = datetime.timedelta(minutes=apart or 0)
        return bulk.move_to(
            posts, user=user, local_time=local_time.replace(tzinfo=None), timezone=timezone, apart=between
        )
    return bulk.shift(posts, user=user, by=datetime.timedelta(days=days or 0, minutes=minutes or 0))


ACTIONS = {
    action.name: action
    for action in (
        BulkAction("submit", gettext_lazy("Submit for review"), "upload", Action.SUBMIT, bulk.submit,
                   question=gettext_lazy("Reviewers are asked to look at these posts.")),
        BulkAction("approve", gettext_lazy("Approve"), "success", Action.APPROVE, bulk.approve,
                   question=gettext_lazy("You approve each of them as it is shown here.")),
        BulkAction("queue", gettext_lazy("Add to queue"), "list-ul", Action.WRITE, bulk.queue,
                   question=gettext_lazy("Each gets the next free slot of its channels, in this order.")),
        BulkAction("reschedule", gettext_lazy("Reschedule…"), "calendar-alt", Action.WRITE, _reschedule,
                   RescheduleForm),
        BulkAction("sort", gettext_lazy("Labels and campaign…"), "tag", Action.WRITE, bulk.sort, SortForm),
        BulkAction("unschedule", gettext_lazy("Unschedule"), "cross", Action.PUBLISH, bulk.unschedule,
                   question=gettext_lazy("They are taken off the schedule; approvals stay.")),
        BulkAction("delete", gettext_lazy("Delete"), "bin", Action.WRITE, bulk.delete, serious=True,
                   question=gettext_lazy("They are deleted for good. What is published stays on the networks.")),
    )
}  # fmt: skip


def actions_for(user, organization) -> list[BulkAction]:
    """What the person's role offers for many posts."""
    role = role_of(user, organization)
    may = ACTIONS_OF_ROLE[role] if role else set()
    return [action for action in ACTIONS.values() if action.needs in may]


class BulkView(ForOrganization, WagtailAdminTemplateMixin, TemplateView):
    """`?action=…&id=…&id=…` asks; POST does it and shows a table of what became of each post."""

    template_name = "content_studio/posts/bulk.html"
    header_icon = "edit"

    def where_refused(self):
        return "posts:index"

    @cached_property
    def action(self) -> BulkAction:
        name = self.request.GET.get("action") or self.request.POST.get("action") or ""
        if name not in ACTIONS:
            raise Http404
        return ACTIONS[name]

    @cached_property
    def posts(self):
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return bulk.chosen(self.organization, asked.getlist("id"))

    @cached_property
    def form(self):
        return self.action.form(self.request.POST or None, organization=self.organization)

    def get_page_title(self):
        return str(self.action.label).rstrip("…")

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.get_page_title()})

    def get(self, request, *args, **kwargs):
        require(request.user, self.action.needs, organization=self.organization)
        if not self.posts:
            messages.warning(request, _("Choose posts in the list first."))
            return redirect("posts:index")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "action": self.action,
            "posts": self.posts,
            "form": self.form,
            **kwargs,
        }

    def post(self, request, *args, **kwargs):
        require(request.user, self.action.needs, organization=self.organization)
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        wanted = self.form.wanted() if hasattr(self.form, "wanted") else dict(self.form.cleaned_data)
        if self.action.name == "approve":
            wanted["seen"] = {post.pk: int(request.POST.get(f"seen-{post.pk}") or 0) for post in self.posts}
        outcomes = self.action.do(self.posts, user=request.user, **wanted)
        done = sum(each.done for each in outcomes)
        said = ngettext("Done for %(done)s post of %(all)s.", "Done for %(done)s posts of %(all)s.", done)
        return self.render_to_response(
            self.get_context_data(outcomes=outcomes, summary=said % {"done": done, "all": len(outcomes)})
        )
