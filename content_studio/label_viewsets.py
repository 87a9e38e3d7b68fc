"""The pages on which an organization's labels and campaigns are made and changed."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permissions import register_permission_policy

from organizations.access import current_organization
from organizations.models import User
from organizations.roles import Action, may

from .labels import Campaign, Label, name_is_taken
from .presenting import label_tag


class WritersPolicy(BasePermissionPolicy):
    """Whoever may write posts in the current organization may do everything with what sorts them."""

    def user_has_permission(self, user, action):
        return may(user, Action.WRITE, organization=current_organization())

    def user_has_any_permission(self, user, actions):
        return self.user_has_permission(user, "any")

    def user_has_permission_for_instance(self, user, action, instance):
        return may(user, Action.WRITE, organization=instance.organization)

    def user_has_any_permission_for_instance(self, user, actions, instance):
        return self.user_has_permission_for_instance(user, "any", instance)

    def instances_user_has_any_permission_for(self, user, actions):
        if not self.user_has_permission(user, "any"):
            return self.model.objects.none()
        return self.model.objects.for_organization(current_organization())

    def users_with_any_permission(self, actions):
        return User.objects.none()


class NamedOnceForm(WagtailAdminModelForm):
    """A form for a row of the current organization whose name is unique there."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.organization_id is None:
            self.instance.organization = current_organization()

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if name_is_taken(self.instance, name):
            raise forms.ValidationError(_("“%(name)s” exists already.") % {"name": name})
        return name


class OfOrganization:
    """For views of one row: another organization's is not there."""

    def get_base_object_queryset(self):
        return super().get_base_object_queryset().for_organization(current_organization())


class EditView(OfOrganization, generic.EditView):
    pass


class DeleteView(OfOrganization, generic.DeleteView):
    pass


class HistoryView(OfOrganization, generic.HistoryView):
    pass


class UsageView(OfOrganization, generic.UsageView):
    pass


class IndexView(generic.IndexView):
    results_template_name = "organizations/index_results.html"
    nothing_yet: str | Promise = ""  # what such a thing is good for

    def get_base_queryset(self):
        return super().get_base_queryset().for_organization(current_organization())


class SortingViewSet(ModelViewSet):
    icon = "tag"
    add_to_admin_menu = False
    index_view_class = IndexView
    edit_view_class = EditView
    delete_view_class = DeleteView
    history_view_class = HistoryView
    usage_view_class = UsageView
    copy_view_enabled = False
    search_fields = ["name"]
    search_backend_name = None
    nothing_yet: str | Promise = ""

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(nothing_yet=self.nothing_yet, **kwargs)

    def get_form_class(self, for_update=False):
        fields = self.form_fields

        class Form(NamedOnceForm):
            class Meta:
                model = self.model
                fields = self.form_fields
                widgets = {
                    name: forms.DateInput(attrs={"type": "date"}) for name in ("starts_on", "ends_on") if name in fields
                }

        return Form


class LabelViewSet(SortingViewSet):
    name = "labels"
    model = Label
    nothing_yet = gettext_lazy("Labels sort posts as you like: by product, by kind, by customer. Filters know them.")
    form_fields = ["name", "colour"]
    list_display = ["name", Column("colour", label=gettext_lazy("Shown as"), accessor=label_tag)]


class CampaignViewSet(SortingViewSet):
    name = "campaigns"
    model = Campaign
    nothing_yet = gettext_lazy(
        "A campaign holds posts together that belong to one occasion, with its days and a colour in the calendar. A"
        " review link can show a client all of it."
    )
    form_fields = ["name", "colour", "starts_on", "ends_on", "description"]
    list_display = [
        "name",
        Column("colour", label=gettext_lazy("Shown as"), accessor=label_tag),
        "starts_on",
        "ends_on",
    ]


for _model in (Label, Campaign):
    register_permission_policy(_model, WritersPolicy(_model))
