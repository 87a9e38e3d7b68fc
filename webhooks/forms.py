"""What people fill in about a webhook."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .events import CHOOSABLE
from .models import Endpoint


class EndpointForm(forms.ModelForm):
    event_types = forms.MultipleChoiceField(
        label=_("Tell it when"), choices=CHOOSABLE, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Endpoint
        fields = ["url", "description", "event_types"]
        labels = {"description": _("What it is for")}
        help_texts = {"url": _("An address of yours on the public internet, with https.")}
        widgets = {"url": forms.URLInput(attrs={"placeholder": "https://example.com/hooks/studio"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial["event_types"] = ["post.published", "post.failed", "channel.needs_reconnect"]
