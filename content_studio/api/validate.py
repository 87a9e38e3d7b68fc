"""Would a network take this? The rules that the studio and the engine follow, for tools."""

from dataclasses import replace

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.models import Organization
from organizations.problems import NotFound
from organizations.rest import GivenSerializer, TokenAuthentication
from publishing.messages import Link, Media, Message, Poll, Segment
from publishing.models import Channel
from publishing.networks import ALIASES, NETWORKS, Finding, rules_for

PLATFORMS = [*(rules.key for rules in NETWORKS), *ALIASES]
MOST_SEGMENTS = 100
LONGEST_TEXT = 30_000


@extend_schema_field({"type": "string", "enum": PLATFORMS})
class PlatformField(serializers.CharField):
    """A network by its key, or by another name that it is known by, however it is written."""


class MediaToCheckSerializer(GivenSerializer):
    """What is known of a picture, video or document. What is not said is not checked."""

    kind = serializers.ChoiceField(choices=["image", "video", "document"], default="image")
    mime_type = serializers.CharField(default="image/jpeg", max_length=100)
    title = serializers.CharField(default="", allow_blank=True, max_length=255)
    alt = serializers.CharField(default="", allow_blank=True, max_length=10_000, trim_whitespace=False)
    decorative = serializers.BooleanField(default=False)
    width = serializers.IntegerField(required=False, min_value=1)
    height = serializers.IntegerField(required=False, min_value=1)
    size = serializers.IntegerField(required=False, min_value=0, help_text="In bytes.")


class PollToCheckSerializer(GivenSerializer):
    options = serializers.ListField(child=serializers.CharField(allow_blank=True, max_length=1_000), max_length=20)
    minutes = serializers.IntegerField(min_value=0)


class SegmentToCheckSerializer(GivenSerializer):
    """One post of a thread, with what it carries."""

    text = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_TEXT, trim_whitespace=False)
    link = serializers.URLField(required=False, allow_blank=True, default="", max_length=2_000)
    media = MediaToCheckSerializer(many=True, required=False)
    poll = PollToCheckSerializer(required=False)


class TextOrSegmentField(serializers.Field):
    """A text, or an object where there is more to check than a text."""

    default_error_messages = {
        "invalid": "Give a text, or an object with `text` and what it carries.",
        "max_length": "A segment may have at most {max_length} characters here.",
    }

    def to_internal_value(self, data) -> Segment:
        if isinstance(data, str):
            if len(data) > LONGEST_TEXT:
                self.fail("max_length", max_length=LONGEST_TEXT)
            return Segment(text=data)
        if not isinstance(data, dict):
            self.fail("invalid")
        serializer = SegmentToCheckSerializer(data=data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        poll = given.get("poll")
        return Segment(
            text=given["text"],
            media=tuple(Media(path="", **item) for item in given.get("media", ())),
            link=Link(url=given["link"]) if given.get("link") else None,
            poll=Poll(options=tuple(poll["options"]), minutes=poll["minutes"]) if poll else None,
        )


class TextOrSegmentSchema(OpenApiSerializerFieldExtension):
    target_class = TextOrSegmentField

    def map_serializer_field(self, auto_schema, direction):
        segment = auto_schema.resolve_serializer(SegmentToCheckSerializer, direction)
        return {"oneOf": [{"type": "string", "maxLength": LONGEST_TEXT}, segment.ref]}


class ValidateSerializer(GivenSerializer):
    """What is to be said, and where."""

    platform = PlatformField(max_length=50, help_text=f"The network: {', '.join(PLATFORMS)}.")
    segments = serializers.ListField(
        child=TextOrSegmentField(),
        min_length=1,
        max_length=MOST_SEGMENTS,
        help_text="The texts of a post, in order; more than one is a thread.",
    )
    first_comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_TEXT)
    spoiler_text = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=LONGEST_TEXT,
        help_text="The content warning, which counts on Mastodon.",
    )
    channel = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="A channel of yours whose own limits apply: a premium account, a Mastodon instance.",
    )


class FindingSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="Stable, such as text_too_long.")
    message = serializers.CharField(help_text="What is wrong.")
    fix = serializers.CharField(help_text="What to do about it.")


class CheckedSegmentSerializer(serializers.Serializer):
    length = serializers.IntegerField(help_text="As the network counts, with everything that becomes part of the text.")
    limit = serializers.IntegerField()
    unit = serializers.CharField()
    errors = FindingSerializer(many=True, help_text="What the network would refuse.")  # type: ignore[assignment]
    warnings = FindingSerializer(many=True, help_text="What an editor should know.")


class ValidationSerializer(serializers.Serializer):
    platform = serializers.CharField(help_text="As it was asked.")
    network = serializers.CharField(help_text="The network's own key.")
    valid = serializers.BooleanField(help_text="True if there is no error anywhere.")
    segments = CheckedSegmentSerializer(many=True)
    errors = FindingSerializer(many=True, help_text="About the post as a whole.")  # type: ignore[assignment]
    warnings = FindingSerializer(many=True)


class ValidateView(APIView):
    """Checks texts against a network's rules, without saving anything.

    The same rules count in the editor, fit what is written with AI, and check
    what is sent. Plain texts are checked as texts: that Instagram asks for a
    picture is a warning then, and an error where segments are given as objects.
    """

    authentication_classes = [TokenAuthentication, SessionAuthentication]

    @extend_schema(
        operation_id="content_validate",
        summary="Check texts against a network's rules",
        tags=["content"],
        request=ValidateSerializer,
        responses=ValidationSerializer,
        auth=[{"accessToken": []}],  # type: ignore[list-item]  # drf-spectacular passes it through
        examples=[
            OpenApiExample(
                "A thread for X",
                value={"platform": "x", "segments": ["We have news. 🚀", "Read on: https://example.com/launch"]},
                request_only=True,
            ),
            OpenApiExample(
                "A picture for Instagram",
                value={
                    "platform": "instagram",
                    "segments": [
                        {
                            "text": "The new shoe.",
                            "media": [{"kind": "image", "mime_type": "image/jpeg", "alt": "A red running shoe"}],
                        }
                    ],
                },
                request_only=True,
            ),
            OpenApiExample(
                "Too long",
                value={
                    "platform": "x",
                    "network": "x",
                    "valid": False,
                    "segments": [
                        {
                            "length": 290,
                            "limit": 280,
                            "unit": "characters",
                            "errors": [
                                {
                                    "code": "text_too_long",
                                    "message": "The text has 290 characters; X takes 280.",
                                    "fix": "Shorten it by 10, or split it into a thread.",
                                }
                            ],
                            "warnings": [],
                        }
                    ],
                    "errors": [],
                    "warnings": [],
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request):
        serializer = ValidateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        rules = rules_for(asked["platform"])
        message = Message(
            segments=tuple(asked["segments"]),
            first_comment=asked["first_comment"],
            options={"spoiler_text": asked["spoiler_text"]} if asked["spoiler_text"] else {},
        )
        limits = self.limits_of(asked["channel"], rules) if asked["channel"] else None
        only_texts = all(isinstance(segment, str) for segment in request.data["segments"])
        findings = [
            replace(finding, blocking=False) if only_texts and finding.code == "media_missing" else finding
            for finding in rules.check(message, limits=limits)
        ]
        return Response(
            {
                "platform": asked["platform"],
                "network": rules.key,
                "valid": not any(finding.blocking for finding in findings),
                "segments": [
                    self.segment(rules.count_segment(message, index, limits=limits), findings, index)
                    for index in range(len(message.segments))
                ],
                **_split(findings, None),
            }
        )

    def limits_of(self, channel_id, rules) -> dict:
        channel = Channel.objects.filter(
            pk=channel_id, organization__in=Organization.objects.for_user(self.request.user)
        ).first()
        if channel is None or channel.network != rules.key:
            raise NotFound(f"You have no channel on {rules.name} with this id.")
        return channel.limits

    def segment(self, count, findings: list[Finding], index: int) -> dict:
        return {"length": count.value, "limit": count.limit, "unit": count.unit, **_split(findings, index)}


def _split(findings: list[Finding], segment: int | None) -> dict:
    """The findings about one segment (None: the whole), as the answer shows them."""
    about = [finding for finding in findings if finding.segment == segment]
    return {
        name: [
            {"code": finding.code, "message": str(finding.message), "fix": str(finding.fix)}
            for finding in about
            if finding.blocking is blocking
        ]
        for name, blocking in (("errors", True), ("warnings", False))
    }
