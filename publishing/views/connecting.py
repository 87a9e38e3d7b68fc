"""The pages on which a channel is connected."""

import hmac

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from organizations.problems import Problem
from organizations.roles import Action
from publishing import connecting, oauth
from publishing.adapters import x
from publishing.connections import CONNECTIONS
from publishing.forms import BlueskyForm, MastodonForm, SandboxForm

from .base import OrganizationMixin, StudioPage
from .channels import CHANNELS

PENDING = "connecting_x"  # in the session, between going to X and coming back


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


class StartXView(OrganizationMixin, View):
    """Sends the person to X to say yes, and remembers what must come back."""

    required_action = Action.MANAGE_CHANNELS

    def get(self, request):
        if not x.provider().client_id:
            return redirect("channel_connect")
        pending = {
            "state": oauth.new_secret(),
            "verifier": oauth.new_secret(),
            "organization": str(self.organization.pk),
        }
        request.session[PENDING] = pending
        return redirect(
            x.provider().authorization_url(
                state=pending["state"], verifier=pending["verifier"], redirect_uri=_redirect_uri()
            )
        )


class FinishXView(OrganizationMixin, View):
    """Where X sends the person back to."""

    required_action = Action.MANAGE_CHANNELS

    def get(self, request):
        pending = request.session.pop(PENDING, None)
        try:
            channel = self._connect(request, pending)
        except Problem as problem:
            messages.error(request, problem.detail)
            return redirect("channel_connect")
        messages.success(request, _("“%(name)s” is connected.") % {"name": channel.name})
        return redirect("channel", channel.pk)

    def _connect(self, request, pending):
        if request.GET.get("error"):
            raise connecting.ConnectionFailed(_("X was not allowed to connect the account, so nothing has changed."))
        known = pending and hmac.compare_digest(pending["state"].encode(), request.GET.get("state", "").encode())
        if not known or pending["organization"] != str(self.organization.pk):
            raise connecting.ConnectionFailed(_("This answer does not belong to a connection begun here. Begin again."))
        return connecting.connect_x(
            self.organization,
            code=request.GET.get("code", ""),
            verifier=pending["verifier"],
            redirect_uri=_redirect_uri(),
            user=request.user,
        )


def _redirect_uri() -> str:
    return settings.BASE_URL + reverse("channel_connect_x_done")
