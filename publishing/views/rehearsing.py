"""Dry runs in the studio: the exact requests of a delivery, or of a text that is only tried."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.problems import Problem
from organizations.roles import Action
from publishing import rehearsing
from publishing.messages import Message, Segment
from publishing.models import Channel, Delivery

from .base import StudioPage
from .channels import CHANNELS
from .deliveries import DELIVERIES, _beginning


class DeliveryDryRunView(StudioPage):
    """What sending a delivery means, call by call."""

    template_name = "publishing/dry_run.html"
    header_icon = "view"
    page_title = gettext_lazy("Dry run")

    def get(self, request, pk):
        self.delivery = self.get_mine(Delivery, pk, channel=True)
        self.trail = [DELIVERIES, {"url": reverse("delivery", args=[pk]), "label": _beginning(self.delivery)}]
        return super().get(request, pk)

    def get_context_data(self, **kwargs):
        delivery = self.delivery
        rehearsal = rehearsing.rehearse(delivery.channel, delivery.as_message, idempotency_key=str(delivery.pk))
        return super().get_context_data(rehearsals=[rehearsal], **kwargs)


class TryForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("Text"), max_length=3000, widget=forms.Textarea(attrs={"rows": 3}))


class TryChannelView(StudioPage):
    """A text of one's own, as it would be sent, or sent to nobody but oneself."""

    template_name = "publishing/try_channel.html"
    header_icon = "view"
    page_title = gettext_lazy("Try it out")
    required_action = Action.PUBLISH

    def dispatch(self, request, *args, **kwargs):
        self.rehearsals = []
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, pk):
        self._find(pk)
        form = TryForm(initial={"text": _("A test from %(product)s.") % {"product": self.organization.name}})
        return self.render_to_response(self.get_context_data(form=form))

    def post(self, request, pk):
        self._find(pk)
        form = TryForm(request.POST)
        if form.is_valid():
            text = form.cleaned_data["text"]
            if "send" in request.POST:
                try:
                    out = rehearsing.send_test(self.channel, text=text)
                except Problem as problem:
                    form.add_error(None, problem.detail)
                else:
                    messages.success(
                        request,
                        _("Sent, for nobody but the account itself: %(where)s")
                        % {"where": out.permalink or out.remote_id},
                    )
                    return redirect("channel_try", pk)
            else:
                self.rehearsals = [rehearsing.rehearse(self.channel, Message(segments=(Segment(text=text),)))]
        return self.render_to_response(self.get_context_data(form=form))

    def _find(self, pk):
        self.channel = self.get_mine(Channel, pk)
        self.trail = [CHANNELS, {"url": reverse("channel", args=[pk]), "label": self.channel.name}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            channel=self.channel,
            may_test=rehearsing.may_test(self.channel),
            rehearsals=self.rehearsals,
            **kwargs,
        )
