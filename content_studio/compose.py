"""From a brief to drafts: the page where a person says what it is about and sees the text as it is written."""

import json
import logging
from typing import Any

from django import forms
from django.http import JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.images.widgets import AdminImageChooser

from billing.quotas import remaining
from organizations.languages import language_choices
from organizations.models import LibraryImage
from organizations.problems import Problem
from organizations.roles import Action, may
from publishing.models import Channel
from publishing.networks import NETWORKS, rules_for

from .ai.models import BrandVoice, Generation
from .ai.registry import offered
from .editor import blank_post_url, posts_breadcrumbs
from .forms import link_tag_choices
from .generating import MOST_AT_ONCE, MOST_VARIANTS, Event, generate_post, keep_generation, stream_post
from .library import HashtagSet, SavedBrief, Signature, UtmPreset, tones_of
from .post_views import ForOrganization
from .promoting import Source, link_tags_for, picture_for, source_for

logger = logging.getLogger(__name__)


class BriefForm(forms.Form):
    """What a post is to say, where, and what goes with it."""

    brief = forms.ModelChoiceField(
        label=gettext_lazy("Start from a brief"), queryset=SavedBrief.objects.none(), required=False
    )
    prompt = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
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
    tone = forms.ChoiceField(label=gettext_lazy("Tone"), initial="professional")
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=language_choices)
    variants = forms.TypedChoiceField(
        label=gettext_lazy("Variants"),
        coerce=int,
        empty_value=1,  # type: ignore[arg-type]  # what `coerce` makes of it; the stubs think of texts alone
        required=False,
        choices=[(number, str(number)) for number in range(1, MOST_VARIANTS + 1)],
    )
    link = forms.URLField(
        label=gettext_lazy("Link"),
        required=False,
        assume_scheme="https",
        max_length=2000,
        help_text=gettext_lazy("Optional. It goes with the post."),
    )
    read_link = forms.BooleanField(label=gettext_lazy("Read the page and write about it"), required=False)
    image = forms.ModelChoiceField(
        label=gettext_lazy("Picture"), queryset=LibraryImage.objects.none(), required=False, widget=AdminImageChooser
    )
    voice = forms.ModelChoiceField(
        label=gettext_lazy("Brand voice"), queryset=BrandVoice.objects.none(), required=False, to_field_name="name"
    )
    hashtag_set = forms.ModelChoiceField(
        label=gettext_lazy("Hashtags"), queryset=HashtagSet.objects.none(), required=False
    )
    signature = forms.ModelChoiceField(
        label=gettext_lazy("Signature"), queryset=Signature.objects.none(), required=False
    )
    link_tags = forms.ChoiceField(label=gettext_lazy("Link tags (UTM)"), required=False)
    provider = forms.ChoiceField(label=gettext_lazy("AI provider"), required=False)
    page = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, organization, source: Source | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.source = source
        connected = (
            Channel.objects.for_organization(organization)
            .filter(state=Channel.State.CONNECTED)
            .values_list("network", flat=True)
        )
        self.connected = set(connected)
        fields: dict[str, Any] = self.fields
        choices = [(rules.key, rules.name) for rules in NETWORKS if not self.connected or rules.key in self.connected]
        fields["networks"].choices = choices
        fields["networks"].initial = [key for key, _name in (choices if source else choices[:1])]
        fields["tone"].choices = list(tones_of(organization).items())
        fields["language"].initial = organization.locale
        fields["provider"].choices = [(offer.key, offer.name) for offer in offered()]
        fields["image"].queryset = LibraryImage.objects.filter(organization=organization)
        for name in ("brief", "voice", "hashtag_set", "signature"):
            fields[name].queryset = fields[name].queryset.model.objects.for_organization(organization)
            fields[name].empty_label = _("None")
        self.voices = list(fields["voice"].queryset)
        default = next((voice.name for voice in self.voices if voice.is_default), None)
        fields["voice"].empty_label = _("The default one (%(name)s)") % {"name": default} if default else _("None")
        presets = list(UtmPreset.objects.for_organization(organization))
        fields["link_tags"].choices = link_tag_choices(organization, also=link_tags_for(source) if source else "")
        if source:
            fields["prompt"].initial = _("Make people want to read this page.")
            fields["link_tags"].initial = link_tags_for(source)
            fields["page"].initial = source.page_id
        else:
            fields["link_tags"].initial = next((preset.query for preset in presets if preset.is_default), "")

    def clean(self):
        said = super().clean()
        if len(said.get("networks", [])) * said.get("variants", 1) > MOST_AT_ONCE:
            told = _("At most %(most)s drafts at once: choose fewer networks or fewer variants.")
            self.add_error(None, told % {"most": MOST_AT_ONCE})
        return said

    @property
    def has_library(self) -> bool:
        """True where there is something to choose besides the brief itself."""
        fields: dict[str, Any] = self.fields
        return any(len(fields[name].choices) > 1 for name in ("brief", "hashtag_set", "signature", "link_tags"))

    @property
    def briefs(self) -> dict:
        """The saved briefs, as the script fills them in."""
        field: Any = self.fields["brief"]
        return {
            str(brief.pk): {
                "prompt": brief.prompt,
                "tone": brief.tone,
                "language": brief.language,
                "voice": brief.voice.name if brief.voice else "",
                "networks": brief.networks,
            }
            for brief in field.queryset.select_related("voice")
        }

    def asked(self) -> dict:
        """What `generating.generate_post` takes, besides the network, the variant and who asks."""
        said = self.cleaned_data
        endings = (chosen.text for chosen in (said["hashtag_set"], said["signature"]) if chosen)
        asked = {name: said[name] for name in ("prompt", "tone", "language", "link", "provider", "image", "link_tags")}
        asked["read_link"] = said["read_link"]
        asked["voice"] = said["voice"].name if said["voice"] else ""
        asked["ending"] = "\n\n".join(endings)
        if self.source:
            asked |= {
                "link": self.source.url,
                "card": self.source.card,
                "source": self.source.material,
                "page": self.source.page_id,
            }
        return asked


def source_asked(request) -> Source | None:
    """The page of the site that the request wants to promote, if any. Raises NotFound."""
    named = request.POST.get("page") or request.GET.get("page") or ""
    return source_for(page_id=int(named)) if named.isdigit() else None


class ComposeView(ForOrganization, WagtailAdminTemplateMixin, TemplateView):
    """The brief. Without JavaScript it makes all drafts before it answers; nothing typed is ever lost."""

    template_name = "content_studio/compose.html"
    page_title = gettext_lazy("Write with AI")
    header_icon = "wand"
    required_action = Action.GENERATE

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.get_page_title()})

    def get_page_title(self):
        return _("Promote a page") if self.form.source else super().get_page_title()

    @cached_property
    def form(self) -> BriefForm:
        source = source_asked(self.request)
        initial = {"image": self.picture_of(source)} if source and self.request.method == "GET" else {}
        return BriefForm(self.request.POST or None, organization=self.organization, source=source, initial=initial)

    def picture_of(self, source: Source):
        return picture_for(source, organization=self.organization, user=self.request.user)

    def get_context_data(self, **kwargs):
        allowance = remaining(self.organization)
        return {
            **super().get_context_data(**kwargs),
            "form": self.form,
            "source": self.form.source,
            "allowance": allowance,
            "ends": date_format(allowance.ends_at.astimezone(self.organization.zone), "j F"),
            "blank_url": blank_post_url(self.organization, self.request.user),
            "may_choose_plan": may(self.request.user, Action.MANAGE_BILLING, organization=self.organization),
            "most_at_once": MOST_AT_ONCE,
            "only_demo": [offer.key for offer in offered()] == ["demo"],
            **kwargs,
        }

    def post(self, request, *args, **kwargs):
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        posts = []
        for network in self.form.cleaned_data["networks"]:
            for variant in range(self.form.cleaned_data["variants"]):
                try:
                    generation = generate_post(
                        organization=self.organization,
                        user=request.user,
                        network=network,
                        variant=variant,
                        **self.form.asked(),
                    )
                    posts.append(generation.post)
                except Problem as problem:
                    self.form.add_error(None, f"{rules_for(network).name}: {problem.detail}")
                    break
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
        form = BriefForm(request.POST, organization=self.organization, source=source_asked(request))
        if not form.is_valid():
            errors = [str(error) for errors in form.errors.values() for error in errors]
            return self.answer(iter([{"kind": "error", "message": " ".join(errors)}]))
        network = form.cleaned_data["networks"][0]
        variant = request.POST.get("variant", "0")
        return self.answer(
            self.news(
                network=network,
                variant=int(variant) if variant.isdigit() else 0,
                keep=form.cleaned_data["variants"] == 1,
                **form.asked(),
            )
        )

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
            post: Any = event.generation.post
            allowance = remaining(self.organization)
            told |= {
                "edit_url": post.admin_url if post else "",
                "keep_url": "" if post else reverse("compose_keep", args=[event.generation.pk]),
                "counts": [_("%(value)s / %(limit)s %(unit)s") % count for count in event.generation.counts],
                "shortened": event.generation.shortened,
                "charged": event.generation.tokens_charged,
                "remaining": allowance.remaining,
                "limit": allowance.limit,
                "suffices": not allowance.is_used_up,
            }
        return told


class KeepView(ForOrganization, View):
    """Makes a draft of a variant that somebody likes."""

    http_method_names = ["post"]
    required_action = Action.WRITE

    def post(self, request, pk):
        generation = get_object_or_404(Generation.objects.for_organization(self.organization), pk=pk)
        return JsonResponse({"edit_url": keep_generation(generation, user=request.user).admin_url})

    def refuse(self, problem: Problem):
        return JsonResponse({"problem": problem.detail}, status=problem.status)
