"""The pages on which a channel is connected."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.problems import Problem
from organizations.roles import Action
from publishing import connecting
from publishing.connections import CONNECTIONS
from publishing.forms import BlueskyForm, MastodonForm, SandboxForm

from .base import StudioPage
from .channels import CHANNELS


class ConnectView(StudioPage):
    """Which networks there are, and what each needs."""

    template_name = "publishing/connect.html"
    page_title = gettext_lazy("Connect a channel")
    header_icon = "plus"
    required_action = Action.MANAGE_CHANNELS
    trail = [CHANNELS]

    def get_context_data(self, **kwargs):
        return super().get_context_data(connections=CONNECTIONS, **kwargs)


class FormPage(StudioPage):
    """A form that connects one channel."""

    template_name = "publishing/connect_form.html"
    header_icon = "plus"
    required_action = Action.MANAGE_CHANNELS
    form_class: type
    submit_label = gettext_lazy("Connect")
    help_template = ""

    @property
    def trail(self):
        return [CHANNELS, {"url": reverse("channel_connect"), "label": _("Connect a channel")}]

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.form_class(initial=self.request.GET.dict()))
        return super().get_context_data(submit_label=self.submit_label, help_template=self.help_template, **kwargs)

    def post(self, request, *args, **kwargs):
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                channel = self.connect(**form.cleaned_data)
            except Problem as problem:
                form.add_error(None, problem.detail)
            else:
                messages.success(request, _("“%(name)s” is connected.") % {"name": channel.name})
                return redirect("channel", channel.pk)
        return self.render_to_response(self.get_context_data(form=form))

    def connect(self, **data):
        raise NotImplementedError


class SandboxView(FormPage):
    page_title = gettext_lazy("Add a sandbox channel")
    form_class = SandboxForm
    submit_label = gettext_lazy("Add")
    help_template = "publishing/help_sandbox.html"

    def connect(self, **data):
        return connecting.add_sandbox_channel(self.organization, user=self.request.user, **data)


class MastodonView(FormPage):
    page_title = gettext_lazy("Connect a Mastodon account")
    form_class = MastodonForm
    help_template = "publishing/help_mastodon.html"

    def connect(self, **data):
        return connecting.connect_mastodon(self.organization, user=self.request.user, **data)


class BlueskyView(FormPage):
    page_title = gettext_lazy("Connect a Bluesky account")
    form_class = BlueskyForm
    help_template = "publishing/help_bluesky.html"

    def connect(self, **data):
        return connecting.connect_bluesky(self.organization, user=self.request.user, **data)
