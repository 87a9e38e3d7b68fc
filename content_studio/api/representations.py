"""How a post and its revisions look in the API: read from the stored content, without building pages."""

import hashlib
import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from content_studio.models import SocialPost
from organizations.models import LibraryDocument, LibraryImage
from publishing.localtime import to_utc
from publishing.models import Channel, Network
from publishing.models.deliveries import revision_uuid

from .writing import LEAVE_OUT

LOCAL_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


def etag(post: SocialPost) -> str:
    """Changes with everything of a post that an update could overwrite unseen."""
    seen = (
        post.latest_revision_id,
        post.state,
        post.approved_revision_id,
        post.planned_local,
        post.planned_timezone,
        post.campaign_id,
        sorted(label.pk for label in post.labels.all()),
    )
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'


class MediaSerializer(serializers.Serializer):
    image = serializers.UUIDField(required=False, allow_null=True, help_text=_("Null where it was deleted since."))
    document = serializers.UUIDField(required=False, allow_null=True)
    alt = serializers.CharField(required=False)
    decorative = serializers.BooleanField(required=False)


class LinkSerializer(serializers.Serializer):
    url = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    image = serializers.UUIDField(allow_null=True)


class PollSerializer(serializers.Serializer):
    options = serializers.ListField(child=serializers.CharField())
    minutes = serializers.IntegerField()


class SegmentSerializer(serializers.Serializer):
    """One post of a thread."""

    text = serializers.CharField()
    media = MediaSerializer(many=True)
    link = LinkSerializer(allow_null=True)
    poll = PollSerializer(allow_null=True)


class OverrideSerializer(serializers.Serializer):
    """What is different on one network."""

    network = serializers.ChoiceField(choices=Network.choices)
    segments = SegmentSerializer(many=True)
    first_comment = serializers.CharField()
    leave_out = serializers.ListField(child=serializers.ChoiceField(choices=LEAVE_OUT))


@extend_schema_serializer(component_name="Content")
class ContentSerializer(serializers.Serializer):
    """What a revision says."""

    language = serializers.CharField()
    segments = SegmentSerializer(many=True)
    first_comment = serializers.CharField()
    overrides = OverrideSerializer(many=True)
    link_tags = serializers.CharField(help_text=_("UTM parameters that are added to its links."))


class ChannelReferenceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    network = serializers.ChoiceField(choices=Network.choices)
    name = serializers.CharField()


class PersonSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class NamedSerializer(serializers.Serializer):
    """A campaign or a label, by its name."""

    id = serializers.UUIDField(source="uuid")
    name = serializers.CharField()


class PlanSerializer(serializers.Serializer):
    """When a post goes out: the wall-clock time, its IANA zone, and the moment it means in UTC."""

    local_time = serializers.CharField(help_text=_("Without an offset, such as 2027-03-28T09:00:00."))
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
    first_comment = serializers.SerializerMethodField()
    overrides = serializers.SerializerMethodField(help_text=_("What is different on single networks."))
    link_tags = serializers.SerializerMethodField(help_text=_("UTM parameters that are added to its links."))
    channels = serializers.SerializerMethodField()
    campaign = NamedSerializer(read_only=True, allow_null=True)
    labels = NamedSerializer(many=True, read_only=True)
    planned = serializers.SerializerMethodField()
    revision = serializers.SerializerMethodField(help_text=_("The newest revision."))
    approved_revision = serializers.SerializerMethodField()
    author = serializers.SerializerMethodField()
    admin_url = serializers.SerializerMethodField(help_text=_("Where a person edits the post in the studio."))
    notice = serializers.SerializerMethodField(
        help_text=_("After an edit: what it did to the approved or scheduled version. Empty where it did nothing.")
    )
    created_at = serializers.DateTimeField(source="beginning", read_only=True)
    updated_at = serializers.DateTimeField(source="latest_revision_created_at", read_only=True)

    def _content(self, post) -> dict:
        return post.latest_revision.content if post.latest_revision else {}

    def to_representation(self, post):
        # Read once for all the fields that come out of it.
        self.content = content_of(self._content(post), self.context["library"])
        return super().to_representation(post)

    def get_language(self, post) -> str:
        return self.content["language"] or post.language

    @extend_schema_field(SegmentSerializer(many=True))
    def get_segments(self, post):
        return self.content["segments"]

    def get_first_comment(self, post) -> str:
        return self.content["first_comment"]

    @extend_schema_field(OverrideSerializer(many=True))
    def get_overrides(self, post):
        return self.content["overrides"]

    def get_link_tags(self, post) -> str:
        return self.content["link_tags"]

    @extend_schema_field(ChannelReferenceSerializer(many=True))
    def get_channels(self, post):
        channels = self.context["channels"]
        chosen = [channels[pk] for pk in self._content(post).get("channels", []) if pk in channels]
        return [{"id": str(each.pk), "network": each.network, "name": each.name} for each in chosen]

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

    def get_notice(self, post) -> str:
        return self.context.get("notice", "")

    @extend_schema_field(serializers.URLField())
    def get_admin_url(self, post):
        return self.context["request"].build_absolute_uri(reverse("wagtailadmin_pages:edit", args=[post.pk]))


# Stored content, read


def content_of(content: dict, library: dict) -> dict[str, Any]:
    """What a revision's stored `content` says, with the ids that its pictures and files have in the API."""
    said: dict[str, Any] = {
        "language": content.get("language") or "",
        "segments": [],
        "first_comment": "",
        "overrides": [],
        "link_tags": content.get("link_tags") or "",
    }
    for block in _blocks(content):
        if block["type"] == "segment":
            said["segments"].append(_segment(block["value"], library))
        elif block["type"] == "first_comment":
            said["first_comment"] = block["value"] or ""
        elif block["type"] == "override":
            value = block["value"]
            said["overrides"].append(
                {
                    "network": value.get("network", ""),
                    "segments": [_segment(each["value"], library) for each in value.get("segments") or ()],
                    "first_comment": value.get("first_comment") or "",
                    "leave_out": value.get("leave_out") or [],
                }
            )
    return said


def _segment(value: dict, library: dict) -> dict:
    link = next(_items(value, "link"), None)
    poll = next(_items(value, "poll"), None)
    return {
        "text": value.get("text") or "",
        "media": [_medium(item, library) for item in value.get("media") or ()],
        "link": link
        and {
            **{name: link.get(name) or "" for name in ("url", "title", "description")},
            "image": library["image"].get(link.get("image")),
        },
        "poll": poll
        and {
            "options": [each.get("value", "") if isinstance(each, dict) else each for each in poll.get("options", [])],
            "minutes": int(poll.get("minutes") or 0),
        },
    }


def _medium(item: dict, library: dict) -> dict:
    if item["type"] == "document":
        return {"document": library["document"].get(item["value"])}
    inside = item["value"]
    return {
        "image": library["image"].get(inside.get("image")),
        "alt": inside.get("alt") or "",
        "decorative": bool(inside.get("decorative")),
    }


def _items(value: dict, name: str):
    """The items of a list block, which older revisions store without a wrapping."""
    return (each.get("value", each) for each in value.get(name) or ())


def _blocks(content: dict) -> list[dict]:
    body = content.get("body") or "[]"
    return json.loads(body) if isinstance(body, str) else body


def _segment_values(content: dict):
    for block in _blocks(content):
        if block["type"] == "segment":
            yield block["value"]
        elif block["type"] == "override":
            yield from (each["value"] for each in block["value"].get("segments") or ())


def library_of(contents, *, organization) -> dict[str, dict]:
    """The API's ids of every picture and file in `contents`: two queries at most, whatever their number."""
    images, documents = set(), set()
    for content in contents:
        for value in _segment_values(content):
            for item in value.get("media") or ():
                if item["type"] == "image":
                    images.add(item["value"].get("image"))
                else:
                    documents.add(item["value"])
            images |= {link.get("image") for link in _items(value, "link")}
    own: dict[str, dict] = {}
    for kind, model, wanted in (("image", LibraryImage, images), ("document", LibraryDocument, documents)):
        found = model.objects.filter(organization=organization, pk__in=wanted - {None}).values_list("pk", "uuid")
        own[kind] = {pk: str(uuid) for pk, uuid in found} if wanted - {None} else {}
    return own


def reading_context(posts, *, organization) -> dict:
    """What `PostSerializer` needs to describe `posts`: three queries at most, whatever their number."""
    contents = [post.latest_revision.content for post in posts if post.latest_revision]
    return {
        "channels": {str(each.pk): each for each in Channel.objects.for_organization(organization)},
        "library": library_of(contents, organization=organization),
    }
