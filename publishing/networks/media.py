"""What may be attached to a post, and what is found in what is attached."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from ..messages import Media, Segment
from . import text as texts
from .findings import Finding
from .images import ImageRules


@dataclass(frozen=True)
class MediaRules:
    """What may be attached to one post. `mixable`: pictures and a video in the same one."""

    max_images: int
    image: ImageRules
    max_videos: int = 1
    max_documents: int = 0
    video_types: tuple[str, ...] = ("video/mp4",)
    video_bytes: int | None = None
    document_types: tuple[str, ...] = ("application/pdf",)
    document_bytes: int | None = None
    mixable: bool = False
    required: bool = False
    same_ratio: bool = False  # a carousel shows every picture in the ratio of its first
    alt_limit: int = 1000


class ChecksMedia:
    """The part of a network's rules that is about media."""

    name: ClassVar[str]
    media: ClassVar[MediaRules]
    supports_threads: ClassVar[bool]

    def check_media(self, segment: Segment, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        rules = self.media_rules(limits)
        by_kind: dict[str, list[Media]] = {"image": [], "video": [], "document": []}
        for item in segment.media:
            by_kind.setdefault(item.kind, []).append(item)
        if rules.required and not segment.media and index == 0:
            yield Finding(
                "media_missing",
                _("%(network)s takes no text without a picture or video.") % {"network": self.name},
                _("Add a picture or a video, or leave %(network)s out.") % {"network": self.name},
                index,
            )
        for kind, most, one, several in (
            ("image", rules.max_images, _("picture"), _("pictures")),
            ("video", rules.max_videos, _("video"), _("videos")),
            ("document", rules.max_documents, _("document"), _("documents")),
        ):
            found = len(by_kind[kind])
            if found and not most:
                yield Finding(
                    "media_kind",
                    _("%(network)s takes no %(kind)s.") % {"network": self.name, "kind": several},
                    _("Remove the %(kind)s for %(network)s.") % {"network": self.name, "kind": one},
                    index,
                )
            elif found > most:
                yield Finding(
                    "media_too_many",
                    _("There are %(found)s %(kind)s; %(network)s takes %(limit)s in one post.")
                    % {"found": found, "kind": several, "network": self.name, "limit": most},
                    _("Remove %(over)s, or move them into a further segment.") % {"over": found - most}
                    if self.supports_threads
                    else _("Remove %(over)s.") % {"over": found - most},
                    index,
                )
        kinds = [kind for kind, items in by_kind.items() if items]
        if len(kinds) > 1 and not (rules.mixable and "document" not in kinds):
            yield Finding(
                "media_mixed",
                _("%(network)s takes pictures, a video or a document in one post, not several of these.")
                % {"network": self.name},
                _("Keep one kind of media in this segment."),
                index,
            )
        for item in segment.media:
            yield from self.check_item(item, index, rules)

    def media_rules(self, limits: dict | None) -> MediaRules:
        """The rules for media on an account with these limits."""
        return self.media

    def check_item(self, item: Media, index: int, rules: MediaRules) -> Iterator[Finding]:
        name = item.title or item.path.rsplit("/", 1)[-1]
        if item.kind == "image":
            yield from self.check_alt(item, index, rules, name)
            yield from self.check_image(item, index, rules.image, name)
        elif item.kind in ("video", "document"):
            video = item.kind == "video"
            types = rules.video_types if video else rules.document_types
            most_bytes = rules.video_bytes if video else rules.document_bytes
            if item.mime_type not in types:
                yield self._format_finding(item, index, types, name)
            if most_bytes and item.size and item.size > most_bytes:
                yield self._size_finding(item.size, index, most_bytes, name)

    def check_alt(self, item: Media, index: int, rules: MediaRules, name: str) -> Iterator[Finding]:
        if not item.alt.strip() and not item.decorative:
            yield Finding(
                "alt_missing",
                _("“%(name)s” has no alternative text.") % {"name": name},
                _("Describe what the picture shows, or mark it as decorative."),
                index,
            )
        elif (length := texts.grapheme_count(item.alt)) > rules.alt_limit:
            yield Finding(
                "alt_too_long",
                _("The alternative text of “%(name)s” has %(value)s characters; %(network)s takes %(limit)s.")
                % {"name": name, "value": length, "network": self.name, "limit": rules.alt_limit},
                _("Shorten the alternative text."),
                index,
            )

    def check_image(self, item: Media, index: int, rules: ImageRules, name: str) -> Iterator[Finding]:
        if item.mime_type not in rules.types:
            yield self._format_finding(item, index, rules.types, name)
        if rules.max_bytes and item.size and item.size > rules.max_bytes:
            yield self._size_finding(item.size, index, rules.max_bytes, name)
        if not (item.width and item.height):
            return
        if not rules.takes_ratio(item.width, item.height):
            yield Finding(
                "media_ratio",
                _("“%(name)s” is too %(direction)s for %(network)s.")
                % {
                    "name": name,
                    "direction": _("wide") if item.width > item.height else _("tall"),
                    "network": self.name,
                },
                _("Crop it to a ratio between 4:5 and 1.91:1."),
                index,
            )
        if rules.min_width and item.width < rules.min_width:
            yield Finding(
                "media_too_small",
                _("“%(name)s” is %(width)s pixels wide; %(network)s asks for at least %(least)s.")
                % {"name": name, "width": item.width, "network": self.name, "least": rules.min_width},
                _("Choose a larger picture."),
                index,
            )

    def _format_finding(self, item: Media, index: int, types: tuple[str, ...], name: str) -> Finding:
        formats = ", ".join(each.rsplit("/", 1)[-1].upper() for each in types)
        return Finding(
            "media_format",
            _("“%(name)s” is of a format that %(network)s does not take.") % {"name": name, "network": self.name},
            _("Choose a file in one of these formats: %(formats)s.") % {"formats": formats},
            index,
        )

    def _size_finding(self, size: int, index: int, limit: int, name: str) -> Finding:
        return Finding(
            "media_too_large",
            _("“%(name)s” has %(size).1f MB; %(network)s takes %(limit).1f MB.")
            % {"name": name, "size": size / 1e6, "network": self.name, "limit": limit / 1e6},
            _("Choose a smaller file."),
            index,
        )
