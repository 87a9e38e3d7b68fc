"""Plans that an operator gives by hand: who, why and until when, kept in the audit log."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.log_actions import log

from organizations.models import Organization
from organizations.walls import outside_walls

from . import plan_changes
from .models import PlanGrant
from .plans import FREE, PLANS


class GrantForm(forms.ModelForm):
    """A plan for an organization, with the reason."""

    plan = forms.ChoiceField(
        label=_("Plan"), choices=[(plan.key, plan.name) for plan in PLANS.values() if plan is not FREE]
    )

    class Meta:
        model = PlanGrant
        fields = ["organization", "plan", "reason", "starts_at", "ends_at"]
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 3}),
            "starts_at": AdminDateTimeInput,
            "ends_at": AdminDateTimeInput,
        }

    def clean(self):
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end has to lie after the beginning."))
        return cleaned


def _note(grant: PlanGrant, action: str, user) -> None:
    with outside_walls(grant.organization):
        log(
            instance=grant.organization,
            action=action,
            user=user,
            data={
                "plan": PLANS[grant.plan].name,
                "reason": grant.reason,
                "ends_at": grant.ends_at.isoformat() if grant.ends_at else None,
            },
        )
    plan_changes.note(grant.organization)


class GrantCreateView(generic.CreateView):
    def get_initial_form_instance(self):
        """The page of revenue and usage names the organization in its links."""
        named = Organization.objects.filter(pk__in=_uuids(self.request.GET.get("organization", ""))).first()
        return PlanGrant(organization=named) if named else PlanGrant()

    def save_instance(self):
        self.form.instance.granted_by = self.request.user
        grant = super().save_instance()
        _note(grant, "billing.granted", self.request.user)
        return grant


def _uuids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []


class GrantEditView(generic.EditView):
    def save_instance(self):
        grant = super().save_instance()
        _note(grant, "billing.grant_changed", self.request.user)
        return grant


class GrantDeleteView(generic.DeleteView):
    def delete_action(self):
        grant = self.object
        super().delete_action()
        _note(grant, "billing.grant_ended", self.request.user)


class GrantViewSet(ModelViewSet):
    """For superusers: nobody else has the permissions of this model."""

    model = PlanGrant
    name = "plan_grants"
    url_prefix = "plan-grants"
    icon = "tag"
    add_view_class = GrantCreateView
    edit_view_class = GrantEditView
    delete_view_class = GrantDeleteView
    inspect_view_enabled = False
    copy_view_enabled = False
    search_fields = ["organization__name", "reason"]
    list_filter = ["plan"]
    add_to_settings_menu = True
    menu_label = _("Granted plans")
    menu_order = 910
    ordering = ["-created_at"]
    list_display = [
        "organization",
        Column("plan", label=_("Plan"), accessor=lambda grant: PLANS[grant.plan].name if grant.plan in PLANS else "–"),
        "starts_at",
        "ends_at",
        "granted_by",
        "reason",
    ]

    def get_form_class(self, for_update=False):
        return GrantForm
