"""From a brief to drafts: the page where a person says what it is about and sees the text as it is written."""

import json
import logging
from typing import Any

from django import forms
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from billing.quotas import remaining
from organizations.problems import Problem
from organizations.roles import Action
from publishing.models import Channel
from publishing.networks import NETWORKS, rules_for

from .ai.registry import offered
from .editor import posts_breadcrumbs
from .forms import language_choices
from .generating import Event, generate_post, stream_post
from .post_views import ForOrganization

logger = logging.getLogger(__name__)

TONES = [
    ("professional", gettext_lazy("Professional")),
    ("casual", gettext_lazy("Casual")),
    ("educational", gettext_lazy("Educational")),
    ("witty", gettext_lazy("Witty")),
    ("inspirational", gettext_lazy("Inspirational")),
    ("urgent", gettext_lazy("Urgent")),
]


class BriefForm(forms.Form):
    """What a post is to say, and where."""

    prompt = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "Facts, names, dates, the point you want to make: the more you give, the less is made up."
        ),
    )
    networks = forms.MultipleChoiceField(
        label=gettext_lazy("Networks"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("You get one draft for each, fitted to its length."),
        error_messages={"required": gettext_lazy("Choose at least one network.")},
    )
    tone = forms.ChoiceField(label=gettext_lazy("Tone"), choices=TONES, initial="professional")
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=language_choices)
    link = forms.URLField(
        label=gettext_lazy("Link"),
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Optional. It goes with the post."),
    )
    provider = forms.ChoiceField(label=gettext_lazy("AI provider"), required=False)

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        connected = (
            Channel.objects.for_organization(organization)
            .filter(state=Channel.State.CONNECTED)
            .values_list("network", flat=True)
        )
        self.connected = set(connected)
        self.fields["networks"].choices = [(rules.key, rules.name) for rules in NETWORKS]
        if self.connected:
            self.fields["networks"].choices = [
                (key, name) for key, name in self.fields["networks"].choices if key in self.connected
            ]
        self.fields["provider"].choices = [(offer.key, offer.name) for offer in offered()]
        self.fields["language"].initial = organization.locale
        chosen = self.fields["networks"].choices
        self.fields["networks"].initial = [key for key, _name in chosen][:1]

    def asked(self) -> dict:
        """What `generating.generate_post` takes, besides the network and who asks."""
        names = ("prompt", "tone", "language", "link", "provider")
        return {name: self.cleaned_data[name] for name in names}


class ComposeView(ForOrganization, WagtailAdminTemplateMixin, TemplateView):
    """The brief. Without JavaScript it makes all drafts before it answers; nothing typed is ever lost."""

    template_name = "content_studio/compose.html"
    page_title = gettext_lazy("Write with AI")
    header_icon = "wand"
    required_action = Action.GENERATE

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.get_page_title()})

    @cached_property
    def form(self) -> BriefForm:
        return BriefForm(self.request.POST or None, organization=self.organization)

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "form": self.form,
            "allowance": remaining(self.organization),
            "only_demo": [offer.key for offer in offered()] == ["demo"],
            **kwargs,
        }

    def post(self, request, *args, **kwargs):
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        posts = []
        for network in self.form.cleaned_data["networks"]:
            try:
                generation = generate_post(
                    organization=self.organization, user=request.user, network=network, **self.form.asked()
                )
                posts.append(generation.post)
            except Problem as problem:
                self.form.add_error(None, f"{rules_for(network).name}: {problem.detail}")
        for post in posts:
            messages.success(
                request,
                _("Draft written: %(title)s") % {"title": post.title},
                buttons=[messages.button(post.admin_url, _("Edit"))],
            )
        if self.form.errors:
            return self.render_to_response(self.get_context_data())
        return redirect(posts[0].admin_url if len(posts) == 1 else reverse("posts:index"))


class StreamView(ForOrganization, View):
    """Writes for one network and tells how far it is, as server-sent events."""

    http_method_names = ["post"]
    required_action = Action.GENERATE

    def post(self, request):
        form = BriefForm(request.POST, organization=self.organization)
        if not form.is_valid():
            errors = [str(error) for errors in form.errors.values() for error in errors]
            return self.answer(iter([{"kind": "error", "message": " ".join(errors)}]))
        network = form.cleaned_data["networks"][0]
        return self.answer(self.news(network=network, **form.asked()))

    def refuse(self, problem: Problem):
        return self.answer(iter([{"kind": "error", "message": problem.detail}]))

    def answer(self, news):
        response = StreamingHttpResponse(
            (f"data: {json.dumps(event)}\n\n" for event in news), content_type="text/event-stream"
        )
        response["Cache-Control"] = "no-cache"
        response["X-Accel-Buffering"] = "no"  # nginx would hold the text back
        return response

    def news(self, *, network: str, **asked):
        try:
            for event in stream_post(organization=self.organization, user=self.request.user, network=network, **asked):
                yield self.told(event, network)
        except Problem as problem:
            yield {"kind": "error", "message": problem.detail}
        except Exception:
            logger.exception("Writing a post failed")
            yield {
                "kind": "error",
                "message": _("Something went wrong on our side. Nothing was charged. Try again in a moment."),
            }

    def told(self, event: Event, network: str) -> dict:
        told: dict[str, Any] = {"kind": event.kind, "segments": list(event.segments)}
        if event.kind == "done":
            rules = rules_for(network)
            post: Any = event.generation.post
            allowance = remaining(self.organization)
            counts = [rules.count(text) for text in event.segments]
            told |= {
                "edit_url": post.admin_url,
                "counts": [f"{count.value} / {count.limit} {count.unit}" for count in counts],
                "shortened": event.generation.shortened,
                "charged": event.generation.tokens_charged,
                "remaining": allowance.remaining,
                "limit": allowance.limit,
            }
        return told
