"""Writing with AI through the API."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import quotas
from organizations.problems import Problem
from organizations.rest import OrganizationViewMixin
from organizations.roles import Action
from publishing.models import Channel
from publishing.networks import ALIASES, NETWORKS

from ..ai.models import Generation
from ..ai.prompts import TONES
from ..ai.registry import PROVIDER_KEYS, offer_of
from ..generating import Event, generate_post, keep_generation, stream_post
from .briefs import SeveralSerializer, WithLibrary, generate_several, require_few
from .events import EVENT_STREAM, EventStreamRenderer, event_stream, wants_events
from .problems import PROBLEM, PROBLEM_EXAMPLES, PROBLEMS
from .validate import PlatformField
from .writing import LANGUAGE

PLATFORMS = [*(rules.key for rules in NETWORKS), *ALIASES]


class GenerateSerializer(SeveralSerializer, WithLibrary):
    """A brief for one post, or for one on each of several networks."""

    platform = PlatformField(required=False, help_text=f"The network: {', '.join(PLATFORMS)}.")
    prompt = serializers.CharField(max_length=8_000, help_text="What the post is to say. Ask for a thread to get one.")
    tone = serializers.CharField(
        max_length=30,
        default="professional",
        help_text=f"{', '.join(TONES)}, or the name of a tone of the organization's own.",
    )
    organization_id = serializers.UUIDField(
        required=False, help_text="The organization that the post is for; not needed by members of only one."
    )
    ai_provider = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text=f"{', '.join(PROVIDER_KEYS)}; without it, the first that is set up.",
    )
    language = serializers.RegexField(
        LANGUAGE,
        required=False,
        allow_blank=True,
        default="",
        help_text="Language of the post, such as en or pt-BR; without it, the brand voice's or the organization's.",
    )
    voice = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of a brand voice; without it, the default one."
    )
    link = serializers.URLField(required=False, allow_blank=True, default="", max_length=2_000)
    read_link = serializers.BooleanField(
        required=False, default=False, help_text="Read the page behind `link` and write about it."
    )
    channels = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        help_text="Ids of the channels the post is for; without it, all connected ones of the network.",
    )

    def validate(self, given):
        if ("platform" in given) == ("platforms" in given):
            raise serializers.ValidationError({"platform": _("Give either `platform` or `platforms`.")})
        if "platforms" in given and "channels" in given:
            raise serializers.ValidationError({"channels": _("Channels can be chosen for one platform only.")})
        require_few(networks=len(given.get("platforms", [""])), variants=given["variants"])
        return given


class GeneratedPostSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    admin_url = serializers.URLField(help_text="Where a person edits it.")


class TextLengthSerializer(serializers.Serializer):
    value = serializers.IntegerField(help_text="Length of the longest segment as the network counts, with its link.")
    limit = serializers.IntegerField()
    unit = serializers.CharField()


class TokensChargedSerializer(serializers.Serializer):
    charged = serializers.IntegerField()
    remaining = serializers.IntegerField(help_text="What the organization's plan still has in this period.")


class GenerationSerializer(serializers.Serializer):
    """A finished generation and the draft that it became."""

    id = serializers.UUIDField()
    post = GeneratedPostSerializer(allow_null=True, help_text="None for a variant that nobody has kept yet.")
    variant = serializers.IntegerField(required=False, help_text="Which of several takes, from 0.")
    platform = serializers.CharField(help_text="As it was asked.")
    network = serializers.CharField(help_text="The network's own key.")
    tone = serializers.CharField()
    language = serializers.CharField()
    ai_provider = serializers.CharField()
    model = serializers.CharField()
    segments = serializers.ListField(child=serializers.CharField(), help_text="The texts; several are a thread.")
    shortened = serializers.BooleanField(
        help_text="True where the text was cut at the end of a sentence, because the model did not make it fit."
    )
    count = TextLengthSerializer()
    tokens = TokensChargedSerializer()
    notice = serializers.CharField(allow_blank=True, help_text="What a person should know about this provider.")
    results = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Where several were asked for: all of them, in order. One that failed has `platform`, `variant` and "
        "`problem`.",
    )


EXAMPLE_REQUEST = {
    "platform": "twitter",
    "tone": "professional",
    "prompt": "New product launch announcement",
    "organization_id": "01980c2e-8f4b-7a63-9d11-3f8a5b0c7e21",
    "ai_provider": "openai",
}
EXAMPLE_ANSWER = {
    "id": "01980c2f-1b7d-7c04-8a52-6e0d9f1b2c3d",
    "post": {
        "id": "5f0c7a52-3f3e-4d0f-9c6b-0a3f3f2d7f11",
        "admin_url": "http://localhost:8000/admin/pages/42/edit/",
    },
    "platform": "twitter",
    "network": "x",
    "tone": "professional",
    "language": "en",
    "ai_provider": "openai",
    "model": "gpt-5-mini",
    "segments": ["Today we launch our new product. It saves your team an hour a day, from the first day on."],
    "shortened": False,
    "count": {"value": 89, "limit": 280, "unit": "characters"},
    "tokens": {"charged": 1, "remaining": 99},
    "notice": "",
}


class GenerateView(OrganizationViewMixin, APIView):
    """Writes a post from a brief and keeps it as a draft."""

    required_action = Action.GENERATE
    query_parameters = ("stream", "format")
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="content_generate",
        summary="Write a post from a brief",
        tags=["content"],
        description=(
            "Writes a post for one network, fits it to the network's own limit and keeps it as a draft that people "
            "edit, review and publish.\n\n"
            "With `Accept: text/event-stream` (or `?stream=true`) the answer is a stream of events: `started`, "
            "`text` (the segments so far), `correcting` (a draft that was too long goes back to the model), and at "
            "last `done` with what is answered otherwise, or `problem` with a problem document.\n\n"
            "With `platforms` and `variants` several are written, and `results` has them all; the rest of the answer "
            "is the first. They are never streamed. Variants become posts when they are kept "
            "(`content/generations/{id}/keep/`).\n\n"
            "Whatever fails costs no tokens."
        ),
        parameters=[OpenApiParameter("stream", bool, description="Answer with a stream of events.")],
        request=GenerateSerializer,
        responses={(201, "application/json"): GenerationSerializer, (200, EVENT_STREAM): str, **PROBLEMS},
        examples=[
            OpenApiExample("A launch on X", value=EXAMPLE_REQUEST, request_only=True),
            OpenApiExample("The draft", value=EXAMPLE_ANSWER, response_only=True, status_codes=["201"]),
            *PROBLEM_EXAMPLES,
        ],
    )
    def post(self, request):
        given = GenerateSerializer(data=request.data, context={"organization": self.organization})
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        platform = asked.get("platform", "").strip().lower()
        brief = {
            "organization": self.organization,
            "user": request.user,
            "tone": asked["tone"],
            "prompt": asked["prompt"],
            "provider": asked["ai_provider"].strip().lower(),
            "language": asked["language"],
            "link": asked["link"],
            "read_link": asked["read_link"],
            **WithLibrary.pieces(asked),
            "voice": asked["voice"],
            "channels": [Channel(pk=each) for each in asked["channels"]] if "channels" in asked else None,
        }
        if "platforms" in asked or asked["variants"] > 1:
            networks = asked.get("platforms", [platform])
            several = generate_several(networks=networks, variants=asked["variants"], **brief)
            return Response(as_results(several), status=201, content_type="application/json")  # whatever was asked for
        brief["network"] = platform
        if not wants_events(request):
            return Response(describe(generate_post(**brief), platform=platform), status=201)
        events = stream_post(**brief)
        first = next(events)  # what is refused before anything is written is answered with its own status
        return event_stream(
            (_tell(event, platform) for event in chain([first], events)), view=self, organization=self.organization
        )


class KeepView(OrganizationViewMixin, APIView):
    """Makes a draft of a variant."""

    required_action = Action.WRITE

    @extend_schema(
        operation_id="content_generation_keep",
        tags=["content"],
        summary="Keep a variant as a post",
        description="Again it answers with the same post.",
        request=None,
        responses={201: GenerationSerializer, (404, "application/problem+json"): PROBLEM},
    )
    def post(self, request, pk):
        generation = get_object_or_404(Generation.objects.for_organization(self.organization), pk=pk)
        generation.post = keep_generation(generation, user=request.user)
        return Response(describe(generation, platform=generation.network) | {"variant": generation.variant}, status=201)


def as_results(came_of: Iterable[tuple[str, int, Any]]) -> dict:
    """What `generate_several` made, as it is answered: the first, and all of them in `results`."""
    results = [
        {"platform": network, "variant": variant, "problem": _problem(came)}
        if isinstance(came, Problem)
        else describe(came, platform=network) | {"variant": variant}
        for network, variant, came in came_of
    ]
    return {**results[0], "results": results}


def _problem(problem: Problem) -> dict:
    return {"type": problem.slug, "title": problem.title, "status": problem.status, "detail": problem.detail}


def describe(generation: Generation, *, platform: str) -> dict:
    """A finished generation as the API shows it."""
    post = generation.post
    left = generation.tokens_left
    return {
        "id": str(generation.pk),
        "post": {
            "id": str(post.uuid),
            "admin_url": settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_pages:edit", args=[post.pk]),
        }
        if post
        else None,
        "platform": platform,
        "network": generation.network,
        "tone": generation.tone,
        "language": generation.language,
        "ai_provider": generation.provider,
        "model": generation.model,
        "segments": generation.segments,
        "shortened": generation.shortened,
        "count": _count(generation),
        "tokens": {
            "charged": generation.tokens_charged,
            "remaining": quotas.remaining(generation.organization).remaining if left is None else left,
        },
        "notice": offer_of(generation.provider).note,
    }


def _count(generation: Generation) -> dict:
    return max(generation.counts, key=lambda count: count["value"])


def _tell(event: Event, platform: str) -> tuple[str, dict]:
    """An event as its name and data."""
    if event.kind == "done":
        return event.kind, describe(event.generation, platform=platform)
    about = {"id": str(event.generation.pk)}
    if event.kind == "started":
        offer = offer_of(event.generation.provider)
        return event.kind, about | {
            "ai_provider": event.generation.provider,
            "model": event.generation.model,
            "notice": offer.note,
        }
    return event.kind, about | {"segments": list(event.segments)}
