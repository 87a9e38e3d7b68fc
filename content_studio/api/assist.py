"""Help with a text that is there already, through the API."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import quotas
from organizations.models import LibraryImage
from organizations.problems import NotFound
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action

from ..ai.assisting import assist, describe_picture
from ..ai.models import Generation, voice_of
from ..ai.prompts import TONES
from ..ai.registry import PROVIDER_KEYS, offer_of
from ..ai.tasks import TASKS
from .content import PLATFORMS, TextLengthSerializer, TokensChargedSerializer
from .problems import PROBLEM_EXAMPLES, PROBLEMS
from .validate import PlatformField
from .writing import LANGUAGE


class AskSerializer(GivenSerializer):
    """What every kind of help takes."""

    platform = PlatformField(help_text=f"The network: {', '.join(PLATFORMS)}.")
    organization_id = serializers.UUIDField(required=False)
    ai_provider = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=f"{', '.join(PROVIDER_KEYS)}."
    )
    language = serializers.RegexField(
        LANGUAGE, required=False, allow_blank=True, default="", help_text="Language of the answer, such as en or pt-BR."
    )
    voice = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of a brand voice; empty: the default one."
    )


class RewriteSerializer(AskSerializer):
    """A text and what to do with it."""

    text = serializers.CharField(max_length=20_000)
    action = serializers.ChoiceField(choices=list(TASKS), default="rewrite")
    tone = serializers.CharField(
        max_length=30,
        required=False,
        allow_blank=True,
        default="",
        help_text=f"{', '.join(TONES)}, or the name of a tone of the organization's own.",
    )
    instruction = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=2_000, help_text="A further wish, in plain words."
    )
    link = serializers.URLField(
        required=False, allow_blank=True, default="", max_length=2_000, help_text="The link that the text goes with."
    )

    def validate(self, given):
        takes = TASKS[given["action"]].takes
        if takes and not given[takes]:
            raise serializers.ValidationError({takes: f"The action “{given['action']}” needs it."})
        return given


class SuggestionSerializer(serializers.Serializer):
    """What came of it. No post is changed."""

    id = serializers.UUIDField()
    action = serializers.CharField()
    platform = serializers.CharField()
    ai_provider = serializers.CharField()
    model = serializers.CharField()
    segments = serializers.ListField(
        child=serializers.CharField(), help_text="The new text (several for a thread), or what there is to choose from."
    )
    shortened = serializers.BooleanField()
    counts = TextLengthSerializer(many=True, help_text="Of each segment, where it is a text for the network.")
    tokens = TokensChargedSerializer()
    notice = serializers.CharField(allow_blank=True)


class DescribePictureSerializer(AskSerializer):
    """A picture of the organization's library."""

    image = serializers.UUIDField(help_text="The picture's id in the API.")
    text = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20_000, help_text="The text that it stands beside."
    )


class AssistView(OrganizationViewMixin, APIView):
    required_action = Action.GENERATE

    def voice(self, name: str):
        found = voice_of(self.organization, name)
        return found.as_voice() if found else None

    def told(self, generation: Generation, platform: str) -> Response:
        return Response(
            {
                "id": str(generation.pk),
                "action": generation.task,
                "platform": platform,
                "ai_provider": generation.provider,
                "model": generation.model,
                "segments": generation.segments,
                "shortened": generation.shortened,
                "counts": generation.counts,
                "tokens": {
                    "charged": generation.tokens_charged,
                    "remaining": quotas.remaining(self.organization).remaining,
                },
                "notice": str(offer_of(generation.provider).note),
            }
        )


class RewriteView(AssistView):
    """Rewrites, shortens, expands, translates …: suggests, and changes nothing."""

    @extend_schema(
        operation_id="content_rewrite",
        summary="Work on a text",
        tags=["content"],
        description=(
            "Works on a text: "
            + ", ".join(f"`{key}`" for key in TASKS)
            + ". What takes the text's place fits the network. Whatever fails costs no tokens."
        ),
        request=RewriteSerializer,
        responses={(200, "application/json"): SuggestionSerializer, **PROBLEMS},
        examples=[
            OpenApiExample(
                "Shorten to fit",
                value={"platform": "x", "action": "shorten", "text": "A text that is much too long …"},
                request_only=True,
            ),
            OpenApiExample(
                "Translate",
                value={"platform": "linkedin", "action": "translate", "language": "de", "text": "We launch today."},
                request_only=True,
            ),
            *PROBLEM_EXAMPLES,
        ],
    )
    def post(self, request):
        given = RewriteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        generation = assist(
            organization=self.organization,
            user=request.user,
            task=asked["action"],
            network=asked["platform"],
            text=asked["text"],
            tone=asked["tone"],
            language=asked["language"],
            wish=asked["instruction"],
            link=asked["link"],
            voice=self.voice(asked["voice"]),
            provider=asked["ai_provider"].strip().lower(),
        )
        return self.told(generation, asked["platform"])


class AlternativeTextView(AssistView):
    """Describes a picture for people who cannot see it."""

    @extend_schema(
        operation_id="content_alternative_text",
        summary="Describe a picture",
        tags=["content"],
        request=DescribePictureSerializer,
        responses={(200, "application/json"): SuggestionSerializer, **PROBLEMS},
        examples=PROBLEM_EXAMPLES,
    )
    def post(self, request):
        given = DescribePictureSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        image = LibraryImage.objects.filter(organization=self.organization, uuid=asked["image"]).first()
        if image is None:
            raise NotFound("There is no such picture in this organization's library.")
        generation = describe_picture(
            organization=self.organization,
            user=request.user,
            image=image,
            network=asked["platform"],
            language=asked["language"] or self.organization.locale,
            beside=asked["text"],
            voice=self.voice(asked["voice"]),
            provider=asked["ai_provider"].strip().lower(),
        )
        return self.told(generation, asked["platform"])
