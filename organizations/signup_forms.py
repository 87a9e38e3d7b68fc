"""What somebody new fills in: by themselves, or coming from another service."""

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.socialaccount.forms import SignupForm as AllauthSocialSignupForm
from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from . import team
from .creating import create_organization
from .models import validate_timezone
from .social_logins import invitation_of


class NewcomerForm(forms.Form):
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
        self.find_a_place(user)
        return user

    def find_a_place(self, user) -> None:
        create_organization(name=self.cleaned_data["organization"], owner=user, timezone=self.cleaned_data["timezone"])


class SignupForm(NewcomerForm, AllauthSignupForm):
    """With an address to confirm, and a password."""

    field_order = ["name", "organization", "email", "password1"]


class SocialSignupForm(NewcomerForm, AllauthSocialSignupForm):
    """With an address that another service has confirmed. Who came by an invitation joins instead of beginning."""

    field_order = ["name", "organization", "email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True  # it stays what was confirmed, whatever is sent
        self.fields["email"].help_text = _("Confirmed by %(service)s.") % {"service": self.sociallogin.provider.name}
        invitation = invitation_of(self.sociallogin)
        self.invitation = invitation if invitation and invitation.email.lower() == self.initial["email"] else None
        self.for_somebody_else = invitation if invitation and not self.invitation else None
        if self.invitation:
            del self.fields["organization"]

    def clean(self):
        cleaned = super().clean()
        if self.for_somebody_else:
            raise forms.ValidationError(_("The invitation was sent to another address."))
        return cleaned

    def find_a_place(self, user) -> None:
        if self.invitation is None:
            super().find_a_place(user)
            return
        secret = self.sociallogin.state["next"].rstrip("/").rpartition("/")[2]
        team.accept(secret, user=user)
        self.sociallogin.state["next"] = reverse("wagtailadmin_home")
