"""The page on which an organization says what it asks of its posts."""

from django import forms
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages

from organizations.roles import Action
from organizations.studio import StudioPage

from .guidelines import Guidelines, change_guidelines, guidelines_of


class GuidelinesForm(forms.ModelForm):
    class Meta:
        model = Guidelines
        fields = ["partners", "ai_label", "most_hashtags", "blocks"]
        widgets = {"partners": forms.Textarea(attrs={"rows": 4})}


class GuidelinesView(StudioPage):
    template_name = "content_studio/guidelines.html"
    page_title = gettext_lazy("Guidelines")
    header_icon = "clipboard-list"
    required_action = Action.MANAGE_SETTINGS

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", GuidelinesForm(instance=guidelines_of(self.organization)))
        return super().get_context_data(**kwargs)

    def post(self, request):
        form = GuidelinesForm(request.POST, instance=guidelines_of(self.organization))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        change_guidelines(self.organization, user=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. Every post is checked by these guidelines from now on."))
        return redirect("guidelines")


@hooks.register("register_admin_urls")
def register_guidelines():
    return [path("guidelines/", GuidelinesView.as_view(), name="guidelines")]
