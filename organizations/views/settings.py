"""What Admins set for their whole organization."""

from copy import copy

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organizations.configuring import save_settings
from organizations.forms import OrganizationForm
from organizations.roles import Action
from organizations.second_factors import people_without
from organizations.studio import StudioPage

BACK_TO_SETTINGS = [{"url": reverse_lazy("organization_settings"), "label": gettext_lazy("Settings")}]


class SettingsView(StudioPage):
    template_name = "organizations/settings.html"
    page_title = gettext_lazy("Settings")
    header_icon = "cog"
    required_action = Action.MANAGE_SETTINGS

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.get_form())
        return super().get_context_data(
            may_export=self.may(Action.EXPORT), may_delete=self.may(Action.DELETE), **kwargs
        )

    def get_form(self, *data):
        # A copy: the page around the form goes on showing what is saved, whatever was filled in.
        form = OrganizationForm(*data, instance=copy(self.organization), user=self.request.user)
        field = form.fields["second_factor_required"]
        if not self.may(Action.DEMAND_SECOND_FACTOR):
            field.disabled, field.help_text = True, _("Only Owners change this.")
        if count := len(people_without(self.organization)):
            who = ngettext("%(count)s person has none yet", "%(count)s people have none yet", count) % {"count": count}
            address = f"{reverse('team')}?without_second_factor=1"
            field.help_text = format_html('{} <a href="{}">{}</a>.', field.help_text, address, who)
        return form

    def post(self, request):
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        save_settings(form, user=request.user)
        messages.success(request, _("Saved."))
        return redirect("organization_settings")
