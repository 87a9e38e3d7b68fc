"""What people fill in about themselves and their organization."""

from django import forms
from django.contrib.auth import password_validation
from django.db.models import Exists, OuterRef, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import audit
from .languages import language_choices
from .models import ApiKey, Organization, Role, User
from .pictures import WholeImageField
from .second_factors import has_one
from .timezones import TimezoneInput


class InvitationForm(forms.Form):
    """Whom to invite, as what. Offers only roles that the person may give."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, roles, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        self.fields["role"].initial = Role.MEMBER.value

    def clean_role(self):
        return Role(self.cleaned_data["role"])


class NewPersonForm(forms.Form):
    """An invited person's new account: the address is known."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validation.password_validators_help_text_html(),
    )

    def __init__(self, *args, email, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self):
        person = User(email=self.email, first_name=self.cleaned_data.get("name", ""))
        password_validation.validate_password(self.cleaned_data["password"], person)
        return self.cleaned_data["password"]


class OrganizationForm(forms.ModelForm):
    """What Admins may change about their organization, and Owners alone of it."""

    class Meta:
        model = Organization
        fields = ["name", "timezone", "locale", "approval_required", "second_factor_required"]
        widgets = {"timezone": TimezoneInput}

    remove_logo = forms.BooleanField(label=_("Show no logo any more"), required=False)
    field_order = ["name", "logo_file", "remove_logo", "timezone", "locale"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        logo = self.fields["logo_file"] = WholeImageField(label=_("Logo"), required=False, widget=forms.FileInput)
        # The field's own words, which say what files it takes, come after what it is for.
        logo.help_text = format_lazy(
            "{} {}",
            _("Shown beside the organization's name in the menu. A square picture serves best."),
            logo.help_text,
        )
        self.fields["locale"] = forms.ChoiceField(
            label=_("Language of posts"),
            choices=language_choices(self.instance.locale),
            help_text=_("What AI writes in, and what new posts are in, unless somebody chooses another for a post."),
        )
        self.order_fields(self.field_order)
        if not self.instance.logo_id:
            del self.fields["remove_logo"]

    def clean_second_factor_required(self):
        required = self.cleaned_data["second_factor_required"]
        if required and "second_factor_required" in self.changed_data and not has_one(self.user):
            raise forms.ValidationError(
                _("Set up a second factor for your own account first: you would be the first to be locked out.")
            )
        return required


class EditsForm(forms.ModelForm):
    """What an edit does to a post that is approved or scheduled."""

    class Meta:
        model = Organization
        fields = ["edits_of_approved"]
        widgets = {"edits_of_approved": forms.RadioSelect}


class EverySettingForm(OrganizationForm):
    """All of it at once, for tools."""

    class Meta(OrganizationForm.Meta):
        fields = [*OrganizationForm.Meta.fields, *EditsForm.Meta.fields]


class NewOrganizationForm(forms.Form):
    """Another organization of one's own."""

    name = forms.CharField(label=_("Name"), max_length=100)


class ApiKeyForm(forms.Form):
    """A new key for a tool."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What will use it, so that you know it again."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=ApiKey.Scope.choices, initial=["read"], widget=forms.CheckboxSelectMultiple
    )


class PersonField(forms.ModelChoiceField):
    """Somebody who is or was here; of the latter it is said."""

    def label_from_instance(self, person):
        return str(person) if person.is_here else gettext("%(person)s (left)") % {"person": person}


class LogFilterForm(forms.Form):
    """Which part of the log to show."""

    person = PersonField(label=_("Person"), queryset=User.objects.none(), required=False)
    action = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    page = forms.IntegerField(required=False, min_value=1, max_value=1000, widget=forms.HiddenInput)

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        here = Exists(organization.memberships.filter(user=OuterRef("pk")))
        was_here = Exists(organization.former_memberships.filter(user=OuterRef("pk")))
        people = User.objects.annotate(is_here=here).filter(Q(is_here=True) | was_here)
        self.fields["person"].queryset = people.order_by("-is_here", "first_name", "last_name", "email")
        self.fields["person"].empty_label = _("Everybody")
        self.fields["action"].choices = [("", _("Everything")), *audit.actions(organization)]

    def clean(self):
        said = super().clean()
        if said.get("since") and said.get("until") and said["until"] < said["since"]:
            self.add_error("until", _("This is before the first day."))
        return said

    @property
    def asked(self) -> str:
        """What a valid filter asks for, in words: “Person: Bob, From: 2026-05-01”. Empty where it asks for all."""
        shown = {name: value for name, value in self.cleaned_data.items() if value and name != "page"}
        if action := shown.get("action"):
            shown["action"] = audit.called(action)
        return ", ".join(f"{self.fields[name].label}: {value}" for name, value in shown.items())


class DeleteForm(forms.Form):
    """The organization's name, typed to confirm its end."""

    name = forms.CharField(label=_("Name of the organization"), widget=forms.TextInput(attrs={"autocomplete": "off"}))


class DeleteAccountForm(forms.Form):
    """One's own address, typed to confirm the end of the account."""

    email = forms.EmailField(label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self):
        if self.cleaned_data["email"].lower() != self.user.email.lower():
            raise forms.ValidationError(_("This is not the address of the account that you are signed in with."))
        return self.cleaned_data["email"]
