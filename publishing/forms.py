"""The engine's forms in the studio."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from .adapters.sandbox import Behaviour
from .deciding import Decision
from .models import Channel, Network, PublishingPolicy
from .pretending import behaviour_of
from .suspending import Missed


class SandboxForm(forms.Form):
    network = forms.ChoiceField(
        label=_("Network whose rules it follows"), choices=Network.choices, initial=Network.MASTODON
    )
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As it is shown in the studio."))
    handle = forms.CharField(label=_("Handle"), max_length=200, required=False)


class MastodonForm(forms.Form):
    server = forms.CharField(label=_("Server"), max_length=200, help_text=_("For example mastodon.social."))
    access_token = forms.CharField(
        label=_("Access token"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted, never shown again."),
    )


class BlueskyForm(forms.Form):
    handle = forms.CharField(label=_("Handle"), max_length=253, help_text=_("For example acme.bsky.social."))
    app_password = forms.CharField(
        label=_("App password"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Not your account's own password. Kept encrypted, never shown again."),
    )
    server = forms.CharField(
        label=_("Server"), max_length=200, required=False, help_text=_("Only if your account is not on Bluesky's own.")
    )


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("On the network the account is called as before.")
    )


class MissedForm(forms.Form):
    missed = forms.ChoiceField(
        label=_("Posts whose time has gone by"), choices=Missed.choices, initial=Missed.HOLD, widget=forms.RadioSelect
    )


class UUIDsField(forms.Field):
    """Ids from checkboxes; whose they are is asked where they are used."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value):
        try:
            return [UUID(each) for each in value or []]
        except ValueError as err:
            raise forms.ValidationError(_("Reload the page and choose again. Nothing was changed.")) from err


class DecisionForm(forms.Form):
    """What becomes of the chosen posts that missed their time."""

    decision = forms.ChoiceField(choices=Decision.choices)
    delivery = UUIDsField(required=False)
    all = forms.BooleanField(required=False)
    local_time = forms.CharField(required=False)

    def clean_local_time(self) -> datetime | None:
        """A wall-clock time, as `<input type="datetime-local">` sends it."""
        try:
            moment = parse_datetime(self.cleaned_data["local_time"])
        except ValueError:
            moment = None
        return moment.replace(tzinfo=None) if moment else None

    def clean(self):
        said = super().clean()
        if said.get("decision") == Decision.MOVE and not said.get("local_time"):
            raise forms.ValidationError(_("Say to which day and time they are to be moved. Nothing was changed."))
        if not said.get("delivery") and not said.get("all"):
            raise forms.ValidationError(_("Choose at least one post. Nothing was changed."))
        return said


class BehaviourForm(forms.Form):
    """How the pretend network treats a sandbox channel."""

    behaviour = forms.ChoiceField(label=_("What it does with the next posts"), choices=Behaviour.choices)
    times = forms.IntegerField(
        label=_("For how many posts"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Afterwards it is back to normal. Empty: until you change it."),
    )

    @classmethod
    def of(cls, channel: Channel) -> "BehaviourForm":
        return cls(initial=behaviour_of(channel))

    @property
    def label(self) -> str:
        return str(Behaviour(self.cleaned_data["behaviour"]).label)


class PolicyForm(forms.ModelForm):
    class Meta:
        model = PublishingPolicy
        fields = ["missed", "late_hours", "spacing_minutes"]
        widgets = {"missed": forms.RadioSelect}


class SuspendForm(forms.Form):
    reason = forms.CharField(label=_("Reason, for your colleagues"), max_length=300, required=False)
