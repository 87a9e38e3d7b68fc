"""Writing with AI through the API."""

from itertools import chain

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import quotas
from organizations.rest import OrganizationViewMixin
from organizations.roles import Action
from publishing.models import Channel
from publishing.networks import ALIASES, NETWORKS

from ..ai.models import Generation
from ..ai.prompts import TONES
from ..ai.registry import PROVIDER_KEYS, offer_of
from ..generating import Event, generate_post, stream_post
from .events import EVENT_STREAM, EventStreamRenderer, event_stream, wants_events
from .problems import PROBLEM_EXAMPLES, PROBLEMS
from .writing import LANGUAGE

PLATFORMS = [*(rules.key for rules in NETWORKS), *ALIASES]


class GenerateSerializer(serializers.Serializer):
    """A brief for one post."""

    platform = serializers.CharField(help_text=f"The network: {', '.join(PLATFORMS)}.")
    prompt = serializers.CharField(max_length=8_000, help_text="What the post is to say. Ask for a thread to get one.")
    tone = serializers.ChoiceField(choices=list(TONES), default="professional")
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
    channels = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        help_text="Ids of the channels the post is for; without it, all connected ones of the network.",
    )


class NewPostSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    admin_url = serializers.URLField(help_text="Where a person edits it.")


class CountSerializer(serializers.Serializer):
    value = serializers.IntegerField(help_text="Length of the longest segment as the network counts, with its link.")
    limit = serializers.IntegerField()
    unit = serializers.CharField()


class ChargeSerializer(serializers.Serializer):
    charged = serializers.IntegerField()
    remaining = serializers.IntegerField(help_text="What the organization's plan still has in this period.")


class GenerationSerializer(serializers.Serializer):
    """A finished generation and the draft that it became."""

    id = serializers.UUIDField()
    post = NewPostSerializer()
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
    count = CountSerializer()
    tokens = ChargeSerializer()
    notice = serializers.CharField(allow_blank=True, help_text="What a person should know about this provider.")


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
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="content_generate",
        tags=["content"],
        description=(
            "Writes a post for one network, fits it to the network's own limit and keeps it as a draft that people "
            "edit, review and publish.\n\n"
            "With `Accept: text/event-stream` (or `?stream=true`) the answer is a stream of events: `started`, "
            "`text` (the segments so far), `correcting` (a draft that was too long goes back to the model), and at "
            "last `done` with what is answered otherwise, or `problem` with a problem document.\n\n"
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
        given = GenerateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        platform = asked["platform"].strip().lower()
        brief = {
            "organization": self.organization,
            "user": request.user,
            "network": platform,
            "tone": asked["tone"],
            "prompt": asked["prompt"],
            "provider": asked["ai_provider"].strip().lower(),
            "language": asked["language"],
            "link": asked["link"],
            "voice": asked["voice"],
            "standing": getattr(request, "standing", None),
            "channels": [Channel(pk=each) for each in asked["channels"]] if "channels" in asked else None,
        }
        if not wants_events(request):
            return Response(describe(generate_post(**brief), platform=platform), status=201)
        events = stream_post(**brief)
        first = next(events)  # what is refused before anything is written is answered with its own status
        return event_stream(
            (_tell(event, platform) for event in chain([first], events)), view=self, organization=self.organization
        )


def describe(generation: Generation, *, platform: str) -> dict:
    """A finished generation as the API shows it."""
    post = generation.post
    assert post is not None  # noqa: S101  a finished one has written its post
    left = generation.tokens_left
    return {
        "id": str(generation.pk),
        "post": {
            "id": str(post.uuid),
            "admin_url": settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_pages:edit", args=[post.pk]),
        },
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
