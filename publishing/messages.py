"""What is to be said on one network, once, and what a network answers. Plain data, no Django.

A `Message` is made from an approved revision by the app above, stored with its
delivery as JSON, and handed to an adapter unchanged: what was approved is what
is sent.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class Media:
    """One picture, video or document. `path` is its name in the default storage."""

    kind: str  # "image", "video" or "document"
    path: str
    mime_type: str
    title: str = ""
    alt: str = ""  # empty only where `decorative`
    decorative: bool = False
    width: int | None = None
    height: int | None = None
    size: int | None = None  # in bytes
    focal_point: tuple[float, float] | None = None  # 0..1 from the left, 0..1 from the top


@dataclass(frozen=True)
class Link:
    """A link with the card that a network may show for it."""

    url: str
    title: str = ""
    description: str = ""
    image: Media | None = None


@dataclass(frozen=True)
class Poll:
    options: tuple[str, ...]
    minutes: int


@dataclass(frozen=True)
class Segment:
    """One post of a thread; most messages have exactly one."""

    text: str
    media: tuple[Media, ...] = ()
    link: Link | None = None
    poll: Poll | None = None


@dataclass(frozen=True)
class Message:
    """Everything that one channel is to publish."""

    segments: tuple[Segment, ...]
    language: str = "en"
    first_comment: str = ""
    options: dict = field(default_factory=dict)  # what only one network knows, such as `visibility`

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Message":
        def media(item):
            focal_point = item.get("focal_point")
            return Media(**{**item, "focal_point": tuple(focal_point) if focal_point else None})

        def link(item):
            return Link(**{**item, "image": media(item["image"]) if item.get("image") else None})

        def segment(item):
            return Segment(
                text=item["text"],
                media=tuple(media(each) for each in item.get("media", ())),
                link=link(item["link"]) if item.get("link") else None,
                poll=(
                    Poll(options=tuple(item["poll"]["options"]), minutes=item["poll"]["minutes"])
                    if item.get("poll")
                    else None
                ),
            )

        return cls(
            segments=tuple(segment(each) for each in data["segments"]),
            language=data.get("language", "en"),
            first_comment=data.get("first_comment", ""),
            options=data.get("options", {}),
        )

    def content_hash(self) -> str:
        """SHA-256, as 64 hexadecimal digits, of everything in the message."""
        canonical = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class PublishedSegment:
    """A segment that is on the network: its id there, and whatever a reply to it needs.

    The first comment is one as well (`COMMENT`), and so is a `HANDLE`: what a
    network gave before it published anything, by which a later look knows
    whether it did.
    """

    SEGMENT: ClassVar = "segment"
    COMMENT: ClassVar = "comment"
    HANDLE: ClassVar = "handle"

    remote_id: str
    permalink: str = ""
    extra: dict = field(default_factory=dict)  # for example Bluesky's cid
    kind: str = SEGMENT


@dataclass(frozen=True)
class Published:
    """The whole message is out. `segments` has one entry per segment of the message, in order."""

    segments: tuple[PublishedSegment, ...]
    published_at: datetime | None = None

    @property
    def remote_id(self) -> str:
        return self.segments[0].remote_id

    @property
    def permalink(self) -> str:
        return self.segments[0].permalink
