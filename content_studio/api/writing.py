"""How posts come in through the API: checked against the organization's own things, in shapes that `drafting` takes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from content_studio import drafting
from content_studio.blocks import OverrideBlock, PollBlock
from content_studio.labels import Campaign, Label
from content_studio.tagging import validate_template
from organizations.fields import ClockTimeField
from organizations.models import LibraryDocument, LibraryImage
from organizations.rest import GivenSerializer, known_timezone
from publishing.models import Channel, Network

LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$"
MOST_SEGMENTS = 50
POLL_MINUTES = [(int(value), label) for value, label in PollBlock.base_blocks["minutes"].field.choices if value]
POLL_OPTIONS = PollBlock.base_blocks["options"].meta
LEAVE_OUT = [(value, label) for value, label in OverrideBlock.base_blocks["leave_out"].field.choices if value]


def known_link_tags(template: str) -> None:
    """Refuses, as a field error, what is no query string of UTM parameters."""
    try:
        validate_template(template)
    except ValidationError as err:
        raise serializers.ValidationError(err.messages, code="unknown_link_tags") from err


class MediaWriteSerializer(GivenSerializer):
    """A picture or a file of the organization's library."""

    image = serializers.UUIDField(required=False, help_text=_("A picture: its id under `/media/`."))
    document = serializers.UUIDField(required=False, help_text=_("A video or document: its id under `/media/`."))
    alt = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=1000,
        default="",
        help_text=_("What somebody who cannot see the picture should know."),
    )
    decorative = serializers.BooleanField(
        required=False, default=False, help_text=_("The picture says nothing that the text does not.")
    )

    def validate(self, attrs):
        if ("image" in attrs) == ("document" in attrs):
            raise serializers.ValidationError(_("Give either `image` or `document`."))
        return attrs


class LinkWriteSerializer(GivenSerializer):
    """A link, with the card that networks show for it."""

    url = serializers.URLField(max_length=2000)
    title = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    description = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    image = serializers.UUIDField(required=False, allow_null=True, default=None)


class PollWriteSerializer(GivenSerializer):
    """A poll below the text, which is its question."""

    options = serializers.ListField(
        child=serializers.CharField(max_length=100), min_length=POLL_OPTIONS.min_num, max_length=POLL_OPTIONS.max_num
    )
    minutes = serializers.ChoiceField(choices=POLL_MINUTES, default=1440, help_text=_("How long it is open."))


class SegmentWriteSerializer(GivenSerializer):
    """One post of a thread."""

    text = serializers.CharField(allow_blank=True, max_length=20_000, trim_whitespace=False, default="")
    media = MediaWriteSerializer(many=True, required=False, max_length=20)
    link = LinkWriteSerializer(required=False, allow_null=True)
    poll = PollWriteSerializer(required=False, allow_null=True)


class OverrideWriteSerializer(GivenSerializer):
    """What is different on one network. What is left out or empty is as in the post itself."""

    network = serializers.ChoiceField(choices=Network.choices)
    segments = SegmentWriteSerializer(
        many=True,
        required=False,
        max_length=MOST_SEGMENTS,
        help_text=_("Each stands for the post's segment in the same place; its empty fields are taken from there."),
    )
    first_comment = serializers.CharField(required=False, allow_blank=True, max_length=20_000, default="")
    leave_out = serializers.MultipleChoiceField(choices=LEAVE_OUT, required=False, default=set)


@extend_schema_field(OpenApiTypes.UUID)
class OwnRelatedField(serializers.RelatedField):
    """The id of something of the organization's own; anybody else's does not exist."""

    default_error_messages = {"missing": _("This organization has no %(what)s with the id %(id)s.")}

    def __init__(self, model, by: str = "uuid", **kwargs):
        self.model, self.by = model, by
        super().__init__(queryset=model.objects.none(), **kwargs)

    def get_queryset(self):
        return self.model.objects.filter(organization=self.context["organization"])

    def to_internal_value(self, data):
        pk = serializers.UUIDField().run_validation(data)
        found = self.get_queryset().filter(**{self.by: pk}).first()
        if found is None:
            told = self.error_messages["missing"] % {"what": self.model._meta.verbose_name, "id": pk}
            raise serializers.ValidationError(told, code="does_not_exist")
        return found

    def to_representation(self, value):
        return str(getattr(value, self.by))


class OwnManyField(serializers.ListField):
    """Ids of several things of the organization's own, looked up in one query."""

    child = serializers.UUIDField()

    def __init__(self, model, by: str = "uuid", **kwargs):
        self.model, self.by = model, by
        super().__init__(**kwargs)

    def to_internal_value(self, data):
        ids = super().to_internal_value(data)
        own = self.model.objects.filter(organization=self.context["organization"], **{f"{self.by}__in": ids})
        found = {getattr(each, self.by): each for each in own}
        for pk in ids:
            if pk not in found:
                told = OwnRelatedField.default_error_messages["missing"]
                raise serializers.ValidationError(
                    told % {"what": self.model._meta.verbose_name, "id": pk}, code="does_not_exist"
                )
        return [found[pk] for pk in dict.fromkeys(ids)]


@extend_schema_serializer(component_name="PostWrite")
class PostWriteSerializer(GivenSerializer):
    """What can be said of a post. What is left out of an update stays as it is."""

    title = serializers.CharField(
        required=False, allow_blank=True, max_length=255, help_text=_("For lists. The first words, where empty.")
    )
    language = serializers.RegexField(LANGUAGE, required=False, help_text=_("Of the texts, such as en or pt-BR."))
    segments = SegmentWriteSerializer(many=True, min_length=1, max_length=MOST_SEGMENTS)
    first_comment = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text=_("Published below the post at once, where the network allows it."),
    )
    overrides = OverrideWriteSerializer(
        many=True, required=False, max_length=len(Network.choices), help_text=_("At most one for each network.")
    )
    link_tags = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=600,
        validators=[known_link_tags],
        help_text=_("Added to every link, such as `utm_source={network}&utm_medium=social`."),
    )
    channels = OwnManyField(Channel, by="pk", required=False, help_text=_("Ids of the channels that it goes to."))
    campaign = OwnRelatedField(Campaign, required=False, allow_null=True, help_text=_("The id of its campaign."))
    labels = OwnManyField(Label, required=False, help_text=_("Ids of its labels."))

    def validate_overrides(self, overrides):
        networks = [each["network"] for each in overrides]
        if len(set(networks)) < len(networks):
            raise serializers.ValidationError(_("There are two for the same network. Join them into one."))
        return overrides

    def validate(self, attrs):
        """The content in the blocks that a post is made of, with the library's own pictures and files."""
        segments = [*attrs.get("segments", ())]
        for each in attrs.get("overrides", ()):
            segments += each.get("segments", ())
        library = self._library(segments)
        if "segments" in attrs:
            attrs["segments"] = [_segment(each, library) for each in attrs["segments"]]
        if "overrides" in attrs:
            attrs["overrides"] = [
                drafting.override(
                    each["network"],
                    segments=[_segment(one, library) for one in each.get("segments", ())],
                    first_comment=each["first_comment"],
                    leave_out=sorted(each["leave_out"]),
                )
                for each in attrs["overrides"]
            ]
        return attrs

    def _library(self, segments) -> dict[str, dict]:
        wanted: dict[str, set] = {"image": set(), "document": set()}
        for each in segments:
            for item in each.get("media", ()):
                kind = "image" if "image" in item else "document"
                wanted[kind].add(item[kind])
            if (each.get("link") or {}).get("image"):
                wanted["image"].add(each["link"]["image"])
        library: dict[str, dict] = {}
        for kind, model in (("image", LibraryImage), ("document", LibraryDocument)):
            own = model.objects.filter(organization=self.context["organization"])
            library[kind] = own.in_bulk(wanted[kind], field_name="uuid") if wanted[kind] else {}
            if missing := wanted[kind] - set(library[kind]):
                told = _("The organization's library has no %(kind)s with the id %(id)s.")
                said = {"kind": kind, "id": min(map(str, missing))}
                raise serializers.ValidationError({"segments": [told % said]}, code="does_not_exist")
        return library


def _segment(each: dict, library: dict[str, dict]) -> dict:
    media: list[tuple[str, Any]] = []
    for item in each.get("media", ()):
        if "image" in item:
            picture = {"image": library["image"][item["image"]], "alt": item["alt"], "decorative": item["decorative"]}
            media.append(("image", picture))
        else:
            media.append(("document", library["document"][item["document"]]))
    link, poll = each.get("link"), each.get("poll")
    if link:
        link = {**link, "image": library["image"].get(link["image"])}
    if poll:
        poll = {"options": poll["options"], "minutes": str(poll["minutes"])}
    return drafting.segment(each["text"], media=media, link=link, poll=poll)


class PlanWriteSerializer(GivenSerializer):
    """A moment on a clock: wall-clock time and the zone of that clock."""

    local_time = ClockTimeField(help_text=_("Wall-clock time without an offset, such as 2027-03-28T09:00:00."))
    timezone = serializers.CharField(
        required=False,
        max_length=64,
        validators=[known_timezone],
        help_text=_("An IANA zone such as Europe/Berlin. The organization's, where left out."),
    )


@extend_schema_serializer(component_name="Schedule")
class ScheduleSerializer(PlanWriteSerializer):
    pass


@extend_schema_serializer(component_name="Approve")
class ApproveSerializer(GivenSerializer):
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")
    revision = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("The revision that you have read. If there is a newer one, nothing is approved (409)."),
    )


@extend_schema_serializer(component_name="RequestChanges")
class ChangesSerializer(GivenSerializer):
    comment = serializers.CharField(max_length=5000, help_text=_("What the author should change."))
