"""The studio's pages about webhooks: which there are, a new one, one with its log, one message."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organizations.problems import Problem
from organizations.roles import Action
from organizations.studio import ActionView, StudioPage

from . import endpoints
from .forms import EndpointForm
from .housekeeping import KEEP
from .models import Endpoint, Telling

PER_PAGE = 30


class WebhooksView(StudioPage):
    template_name = "webhooks/list.html"
    page_title = gettext_lazy("Webhooks")
    header_icon = "link-external"
    required_action = Action.MANAGE_KEYS

    @property
    def trail(self):
        return [{"url": reverse("organization_settings"), "label": _("Settings")}]

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", EndpointForm())
        return super().get_context_data(endpoints=Endpoint.objects.for_organization(self.organization), **kwargs)

    def post(self, request):
        """Makes a webhook, and shows its secret on the answer, and never again."""
        form = EndpointForm(request.POST)
        if form.is_valid():
            try:
                endpoint = endpoints.create_endpoint(self.organization, user=request.user, **form.cleaned_data)
            except Problem as problem:
                form.add_error(None, problem.detail)
            else:
                response = self.render_to_response(self.get_context_data(made=endpoint, form=EndpointForm()))
                response["Cache-Control"] = "no-store"
                return response
        return self.render_to_response(self.get_context_data(form=form))


class OfEndpoint:
    """For what concerns one webhook of the organization's own."""

    kwargs: dict[str, Any]
    get_mine: Any
    required_action = Action.MANAGE_KEYS

    @cached_property
    def endpoint(self) -> Endpoint:
        return self.get_mine(Endpoint, self.kwargs["pk"], organization=True)

    def get_next_url(self):
        return reverse("webhook", args=[self.kwargs["pk"]])


class WebhookView(OfEndpoint, StudioPage):
    template_name = "webhooks/detail.html"
    header_icon = "link-external"

    def get_page_title(self):
        return str(self.endpoint)

    @property
    def trail(self):
        return [
            {"url": reverse("organization_settings"), "label": _("Settings")},
            {"url": reverse("webhooks"), "label": _("Webhooks")},
        ]

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", EndpointForm(instance=self.endpoint))
        tellings = self.endpoint.tellings.select_related("event").prefetch_related("attempts")
        state = self.request.GET.get("state")
        if state in Telling.State.values:
            tellings = tellings.filter(state=state)
        page = max(int(number), 1) if (number := self.request.GET.get("page", "1")).isdecimal() else 1
        shown = list(tellings[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
        return super().get_context_data(
            endpoint=self.endpoint,
            tellings=shown[:PER_PAGE],
            newer=page - 1,
            older=page + 1 if len(shown) > PER_PAGE else 0,
            states=[("", _("All")), *Telling.State.choices],
            state=state or "",
            missed=self.endpoint.tellings.exclude(state=Telling.State.DELIVERED).count(),
            kept_days=KEEP.days,
            **kwargs,
        )

    def post(self, request, pk):
        """Changes what it is told of, and where."""
        form = EndpointForm(request.POST, instance=self.endpoint)
        if form.is_valid():
            try:
                endpoints.change_endpoint(Endpoint.objects.get(pk=pk), user=request.user, **form.cleaned_data)
            except Problem as problem:
                form.add_error(None, problem.detail)
            else:
                messages.success(request, _("Saved."))
                return redirect("webhook", pk)
        return self.render_to_response(self.get_context_data(form=form))


class MessageView(OfEndpoint, StudioPage):
    template_name = "webhooks/message.html"
    header_icon = "link-external"

    @cached_property
    def telling(self) -> Telling:
        found = self.endpoint.tellings.select_related("event").prefetch_related("attempts")
        return get_object_or_404(found, pk=self.kwargs["message_pk"])

    def get_page_title(self):
        return self.telling.event.type

    @property
    def trail(self):
        return [
            {"url": reverse("webhooks"), "label": _("Webhooks")},
            {"url": reverse("webhook", args=[self.endpoint.pk]), "label": str(self.endpoint)},
        ]

    def get_context_data(self, **kwargs):
        payload = json.dumps(self.telling.event.payload(), indent=2, ensure_ascii=False)
        return super().get_context_data(endpoint=self.endpoint, telling=self.telling, payload=payload, **kwargs)


class RotateView(WebhookView):
    """Gives it a new secret, which the answer shows and nothing later."""

    http_method_names = ["post"]

    def post(self, request, pk):
        rotated = endpoints.rotate_secret(self.endpoint, user=request.user)
        response = self.render_to_response(self.get_context_data(secret=rotated.secret))
        response["Cache-Control"] = "no-store"
        return response


class TestView(OfEndpoint, ActionView):
    def act(self, pk):
        endpoints.send_test(self.endpoint, user=self.request.user)
        return _("A test is on its way. The log below shows in a moment how it went.")


class SwitchView(OfEndpoint, ActionView):
    def act(self, pk):
        enabled = self.request.POST.get("enabled") == "yes"
        endpoints.change_endpoint(self.endpoint, user=self.request.user, enabled=enabled)
        return _("Switched on. What waited goes out now.") if enabled else _("Switched off.")


class DeleteView(OfEndpoint, ActionView):
    def act(self, pk):
        endpoints.delete_endpoint(self.endpoint, user=self.request.user)
        return _("“%(name)s” is told of nothing any more.") % {"name": self.endpoint}

    def get_next_url(self):
        return reverse("webhooks")


class ReplayView(OfEndpoint, ActionView):
    """Sends one message again."""

    def act(self, pk, message_pk):
        telling = get_object_or_404(self.endpoint.tellings.select_related("endpoint__organization"), pk=message_pk)
        endpoints.replay(telling, user=self.request.user)
        return _("It is sent again now.")


class ReplayFailedView(OfEndpoint, ActionView):
    """Sends again everything that has not arrived, as far back as the log goes."""

    def act(self, pk):
        since = timezone.now() - KEEP - timedelta(days=1)
        count = endpoints.replay_failed(self.endpoint, since=since, user=self.request.user)
        return ngettext("%(n)d message is sent again now.", "%(n)d messages are sent again now.", count) % {"n": count}
