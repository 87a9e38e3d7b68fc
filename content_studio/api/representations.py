"""How a post and its revisions look in the API: read from the stored content, without building pages."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from wagtail.models import Revision

from content_studio.labels import Campaign, Label
from content_studio.models import SocialPost
from organizations.models import LibraryDocument, LibraryImage
from publishing.localtime import to_utc
from publishing.models import Channel, Network
from publishing.models.deliveries import revision_uuid

from .writing import LEAVE_OUT

LOCAL_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


def version(post: SocialPost) -> str:
    """Changes with everything of a post that an update could overwrite unseen."""
    seen = (
        post.latest_revision_id,
        post.state,
        post.draft_state,
        post.approved_revision_id,
        post.planned_local,
        post.planned_timezone,
        post.campaign_id,
        sorted(label.pk for label in post.labels.all()),
    )
    return _digest(repr(seen))


def etag(post: SocialPost, shown: dict) -> str:
    """Of the post as it is shown: its version, then whatever else one sees, such as what a channel is called now."""
    return f'"{version(post)}-{_digest(json.dumps({**shown, "notice": ""}, default=str))}"'


def version_of(etag: str) -> str:
    """The version in an `etag` that somebody sends back."""
    return etag.strip().removeprefix("W/").strip('"').partition("-")[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


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

    id = serializers.UUIDField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=SocialPost.State.choices)
    draft_state = serializers.ChoiceField(
        choices=SocialPost.State.choices,
        help_text=_("Of the newest revision, where that is newer than what is scheduled or published."),
    )
    language = serializers.CharField()
    segments = SegmentSerializer(many=True)
    first_comment = serializers.CharField()
    overrides = OverrideSerializer(many=True, help_text=_("What is different on single networks."))
    link_tags = serializers.CharField(help_text=_("UTM parameters that are added to its links."))
    channels = ChannelReferenceSerializer(many=True)
    campaign = NamedSerializer(allow_null=True)
    labels = NamedSerializer(many=True)
    planned = PlanSerializer(allow_null=True)
    revision = serializers.UUIDField(allow_null=True, help_text=_("The newest revision."))
    approved_revision = serializers.UUIDField(allow_null=True)
    author = PersonSerializer(allow_null=True)
    admin_url = serializers.URLField(help_text=_("Where a person edits the post in the studio."))
    notice = serializers.CharField(
        help_text=_("After an edit: what it did to the approved or scheduled version. Empty where it did nothing.")
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def to_be_shown(organization):
    """The organization's posts with what `described` reads of them, and little else: lists ask for a hundred."""
    first = Revision.objects.filter(object_id=Cast(OuterRef("pk"), CharField()), content_type=OuterRef("content_type"))
    return (
        SocialPost.objects.for_organization(organization)
        .select_related("latest_revision", "owner", "campaign")
        .prefetch_related("labels")
        .annotate(beginning=Subquery(first.order_by("created_at").values("created_at")[:1]))
        .only(*SHOWN)
        .order_by()
    )


def described(posts: list[SocialPost], *, organization, request, notice: str = "") -> list[dict]:
    """`posts`, out of `to_be_shown`, as `PostSerializer` says: three queries at most, whatever their number."""
    contents = [post.latest_revision.content if post.latest_revision else {} for post in posts]
    library = library_of(contents, organization=organization)
    known = {
        str(pk): {"id": str(pk), "network": network, "name": name}
        for pk, network, name in Channel.objects.for_organization(organization).values_list("pk", "network", "name")
    }
    here = request.build_absolute_uri("/").rstrip("/")
    shown = []
    for post, content in zip(posts, contents, strict=True):
        said = content_of(content, library)
        shown.append(
            {
                "id": str(post.uuid),
                "title": post.draft_title,
                "state": post.state,
                "draft_state": post.draft_state,
                **said,
                "language": said["language"] or post.language,
                "channels": [known[pk] for pk in content.get("channels", ()) if pk in known],
                "campaign": _named(post.campaign) if post.campaign else None,
                "labels": [_named(label) for label in post.labels.all()],
                "planned": _planned(post, organization),
                "revision": _revision(post, post.latest_revision_id),
                "approved_revision": _revision(post, post.approved_revision_id),
                "author": {"id": str(post.owner.pk), "name": str(post.owner)} if post.owner else None,
                "admin_url": here + post.admin_url,
                "notice": notice,
                "created_at": as_moment(post.beginning),
                "updated_at": as_moment(post.latest_revision_created_at),
            }
        )
    return shown


SHOWN = (
    "uuid",
    "organization",
    "draft_title",
    "state",
    "draft_state",
    "language",
    "planned_local",
    "planned_timezone",
    "approved_revision",
    "latest_revision_created_at",
    "latest_revision__content",
    "owner__first_name",
    "owner__last_name",
    "owner__email",
    "campaign__uuid",
    "campaign__name",
)


def as_moment(moment: datetime | None) -> str | None:
    """A moment as every answer has it: ISO 8601, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _named(sort: Campaign | Label) -> dict:
    return {"id": str(sort.uuid), "name": sort.name}


def _planned(post: SocialPost, organization) -> dict | None:
    if not post.planned_local:
        return None
    zone = post.planned_timezone or organization.timezone
    return {
        "local_time": post.planned_local.strftime(LOCAL_TIME_FORMAT),
        "timezone": zone,
        "at": as_moment(to_utc(post.planned_local, zone).utc),
    }


def _revision(post: SocialPost, revision_id: int | None) -> str | None:
    return str(revision_uuid(post.uuid, revision_id)) if revision_id else None


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
