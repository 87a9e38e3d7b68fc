"""How a post, its content and its revisions look in the API, and how content comes in."""

import hashlib
import json

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from content_studio.drafting import segment
from content_studio.models import SocialPost
from organizations.models import LibraryDocument, LibraryImage, validate_timezone
from publishing.localtime import to_utc
from publishing.models import Channel, Network
from publishing.models.deliveries import revision_uuid

LOCAL_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


def etag(post: SocialPost) -> str:
    """Changes with everything of a post that an update could overwrite unseen."""
    seen = (post.latest_revision_id, post.state, post.approved_revision_id, post.planned_local, post.planned_timezone)
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'


class MediaSerializer(serializers.Serializer):
    image = serializers.UUIDField(required=False, help_text=_("A picture of the organization's library."))
    document = serializers.UUIDField(required=False, help_text=_("A document of the organization's library."))
    alt = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    decorative = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs):
        if ("image" in attrs) == ("document" in attrs):
            raise serializers.ValidationError(_("Give either `image` or `document`."))
        return attrs


class LinkSerializer(serializers.Serializer):
    url = serializers.URLField(max_length=2000)
    title = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    description = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    image = serializers.UUIDField(required=False, allow_null=True, default=None)


class SegmentSerializer(serializers.Serializer):
    """One post of a thread."""

    text = serializers.CharField(allow_blank=True, max_length=20_000, trim_whitespace=False)
    media = MediaSerializer(many=True, required=False, max_length=20)
    link = LinkSerializer(required=False, allow_null=True)


class ChannelReferenceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    network = serializers.ChoiceField(choices=Network.choices)
    name = serializers.CharField()


class PersonSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class PlanSerializer(serializers.Serializer):
    """When a post goes out: the wall-clock time, its IANA zone, and the moment it means in UTC."""

    local_time = serializers.DateTimeField(format=LOCAL_TIME_FORMAT, default_timezone=None)
    timezone = serializers.CharField()
    at = serializers.DateTimeField()


class PostSerializer(serializers.Serializer):
    """A post as its newest revision says it."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    title = serializers.CharField(source="draft_title", read_only=True)
    state = serializers.ChoiceField(choices=SocialPost.State.choices, read_only=True)
    draft_state = serializers.ChoiceField(
        choices=SocialPost.State.choices,
        read_only=True,
        help_text=_("Of the newest revision, where that is newer than what is scheduled or published."),
    )
    language = serializers.SerializerMethodField()
    segments = serializers.SerializerMethodField()
    channels = serializers.SerializerMethodField()
    planned = serializers.SerializerMethodField()
    revision = serializers.SerializerMethodField(help_text=_("The newest revision."))
    approved_revision = serializers.SerializerMethodField()
    author = serializers.SerializerMethodField()
    admin_url = serializers.SerializerMethodField(help_text=_("Where a person edits the post in the studio."))
    created_at = serializers.DateTimeField(source="beginning", read_only=True)
    updated_at = serializers.DateTimeField(source="latest_revision_created_at", read_only=True)

    def _content(self, post) -> dict:
        return post.latest_revision.content if post.latest_revision else {}

    def get_language(self, post) -> str:
        return self._content(post).get("language", post.language)

    @extend_schema_field(SegmentSerializer(many=True))
    def get_segments(self, post):
        return [self._segment(block["value"]) for block in _blocks(self._content(post)) if block["type"] == "segment"]

    def _segment(self, value: dict) -> dict:
        library = self.context["library"]
        links = [each.get("value", each) for each in value.get("link") or []]
        media = []
        for item in value.get("media") or []:
            if item["type"] == "image":
                inside = item["value"]
                media.append(
                    {
                        "image": library["image"].get(inside.get("image")),
                        "alt": inside.get("alt", ""),
                        "decorative": inside.get("decorative", False),
                    }
                )
            elif item["type"] == "document":
                media.append({"document": library["document"].get(item["value"])})
        link = None
        if links:
            link = {name: links[0].get(name, "") for name in ("url", "title", "description")}
            link["image"] = library["image"].get(links[0].get("image"))
        return {"text": value.get("text", ""), "media": media, "link": link}

    @extend_schema_field(ChannelReferenceSerializer(many=True))
    def get_channels(self, post):
        channels = self.context["channels"]
        chosen = [channels[pk] for pk in self._content(post).get("channels", []) if pk in channels]
        return ChannelReferenceSerializer(chosen, many=True).data

    @extend_schema_field(PlanSerializer(allow_null=True))
    def get_planned(self, post):
        if not post.planned_local:
            return None
        zone = post.planned_timezone or post.organization.timezone
        return {
            "local_time": post.planned_local.strftime(LOCAL_TIME_FORMAT),
            "timezone": zone,
            "at": serializers.DateTimeField().to_representation(to_utc(post.planned_local, zone).utc),
        }

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_revision(self, post):
        return str(revision_uuid(post.uuid, post.latest_revision_id)) if post.latest_revision_id else None

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_approved_revision(self, post):
        return str(revision_uuid(post.uuid, post.approved_revision_id)) if post.approved_revision_id else None

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_author(self, post):
        return {"id": str(post.owner.pk), "name": str(post.owner)} if post.owner else None

    @extend_schema_field(serializers.URLField())
    def get_admin_url(self, post):
        return self.context["request"].build_absolute_uri(reverse("wagtailadmin_pages:edit", args=[post.pk]))


def _blocks(content: dict) -> list[dict]:
    body = content.get("body") or "[]"
    return json.loads(body) if isinstance(body, str) else body


def reading_context(posts, *, organization) -> dict:
    """What `PostSerializer` needs to describe `posts`, in three queries whatever their number."""
    contents = [post.latest_revision.content for post in posts if post.latest_revision]
    images, documents = set(), set()
    for content in contents:
        for block in _blocks(content):
            value = block["value"] if block["type"] == "segment" else {}
            for item in value.get("media") or []:
                if item["type"] == "image":
                    images.add(item["value"].get("image"))
                elif item["type"] == "document":
                    documents.add(item["value"])
            for link in value.get("link") or []:
                images.add(link.get("value", link).get("image"))
    return {
        "channels": {str(each.pk): each for each in Channel.objects.for_organization(organization)},
        "library": {
            "image": dict(
                LibraryImage.objects.filter(organization=organization, pk__in=images - {None}).values_list("pk", "uuid")
            ),
            "document": dict(
                LibraryDocument.objects.filter(organization=organization, pk__in=documents - {None}).values_list(
                    "pk", "uuid"
                )
            ),
        },
    }


class ChannelsField(serializers.ListField):
    """Ids of the organization's own channels; anybody else's do not exist."""

    child = serializers.UUIDField()

    def to_internal_value(self, data):
        ids = super().to_internal_value(data)
        found = list(Channel.objects.for_organization(self.context["organization"]).filter(pk__in=ids))
        missing = set(ids) - {channel.pk for channel in found}
        if missing:
            raise serializers.ValidationError(
                _("No channel of this organization has the id %(id)s.") % {"id": sorted(map(str, missing))[0]}
            )
        return found


@extend_schema_serializer(component_name="PostWrite")
class PostWriteSerializer(serializers.Serializer):
    """What can be said of a post. `validated_data` is what `drafting` takes."""

    title = serializers.CharField(
        required=False, allow_blank=True, max_length=255, help_text=_("For lists. The first words, where empty.")
    )
    language = serializers.CharField(required=False, max_length=12)
    segments = SegmentSerializer(many=True, min_length=1, max_length=50)
    channels = ChannelsField(required=False, help_text=_("Ids of channels."))

    def validate_segments(self, segments):
        organization = self.context["organization"]
        wanted: dict = {"image": set(), "document": set()}
        for each in segments:
            for item in each.get("media", []):
                kind = "image" if "image" in item else "document"
                wanted[kind].add(item[kind])
            if (each.get("link") or {}).get("image"):
                wanted["image"].add(each["link"]["image"])
        library = {
            "image": LibraryImage.objects.filter(organization=organization).in_bulk(wanted["image"], field_name="uuid"),
            "document": LibraryDocument.objects.filter(organization=organization).in_bulk(
                wanted["document"], field_name="uuid"
            ),
        }
        for kind, ids in wanted.items():
            missing = ids - set(library[kind])
            if missing:
                raise serializers.ValidationError(
                    _("The organization's library has no %(kind)s with the id %(id)s.")
                    % {"kind": kind, "id": sorted(map(str, missing))[0]}
                )
        return [self._block(each, library) for each in segments]

    def _block(self, each: dict, library: dict) -> dict:
        media = []
        for item in each.get("media", []):
            if "image" in item:
                media.append(
                    (
                        "image",
                        {
                            "image": library["image"][item["image"]],
                            "alt": item["alt"],
                            "decorative": item["decorative"],
                        },
                    )
                )
            else:
                media.append(("document", library["document"][item["document"]]))
        link = each.get("link")
        if link:
            link = {**link, "image": library["image"].get(link.get("image"))}
        return segment(each["text"], media=media, link=link)


class ScheduleSerializer(serializers.Serializer):
    local_time = serializers.CharField(
        help_text=_("Wall-clock time without an offset, such as 2027-03-28T09:00:00."),
        max_length=19,
    )
    timezone = serializers.CharField(
        required=False, help_text=_("An IANA zone such as Europe/Berlin. The organization's, where left out.")
    )

    def validate_local_time(self, value):
        field = serializers.DateTimeField(default_timezone=None)
        moment = field.run_validation(value)
        return moment.replace(tzinfo=None)

    def validate_timezone(self, value):
        validate_timezone(value)
        return value


class CommentSerializer(serializers.Serializer):
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")


class ChangesSerializer(serializers.Serializer):
    comment = serializers.CharField(max_length=5000, help_text=_("What the author should change."))


class RevisionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    author = PersonSerializer(allow_null=True)
    newest = serializers.BooleanField()
    approved = serializers.BooleanField()
    segments = SegmentSerializer(many=True)
