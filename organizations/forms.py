"""What people fill in about themselves and their organization."""

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .creating import create_organization
from .models import validate_timezone


class SignupForm(AllauthSignupForm):
    """A new person with a new organization: both, or neither."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    organization = forms.CharField(
        label=_("Name of your organization"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text=_("Your team, your company, or your own name. It can be changed later."),
    )
    timezone = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["name", "organization", "email", "password1"]

    def clean_timezone(self):
        try:
            validate_timezone(self.cleaned_data["timezone"])
        except forms.ValidationError:
            return "UTC"
        return self.cleaned_data["timezone"]

    @transaction.atomic
    def save(self, request):
        user = super().save(request)
        user.first_name, _space, user.last_name = self.cleaned_data["name"].strip().partition(" ")
        user.save(update_fields=["first_name", "last_name"])
        create_organization(name=self.cleaned_data["organization"], owner=user, timezone=self.cleaned_data["timezone"])
        return user
