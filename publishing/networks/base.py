"""What every network's rules have in common: how they are declared, and how a message is checked against them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from ..messages import Media, Message, Poll, Segment
from . import text as texts
from .fitting import cut_to_fit
from .images import ImageRules


@dataclass(frozen=True)
class Count:
    """How long a text is by its network's own measure. `unit` is the plural noun to show beside it."""

    value: int
    limit: int
    unit: str

    @property
    def remaining(self) -> int:
        return self.limit - self.value


@dataclass(frozen=True)
class Finding:
    """Something about a message that its network would refuse (`blocking`) or that an editor should know.

    `message` says what is wrong, `fix` what to do about it; `segment` counts from
    0, and is None where the finding is about the message as a whole.
    """

    code: str
    message: str
    fix: str
    segment: int | None = None
    blocking: bool = True


@dataclass(frozen=True)
class PollRules:
    """What a poll may be. Times in minutes."""

    max_option_length: int
    min_minutes: int
    max_minutes: int
    min_options: int = 2
    max_options: int = 4


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


class NetworkRules:
    """The rules of one network, as pure functions. `limits` is what the network said of an account of its own.

    Subclasses declare class attributes and override only what is special.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    unit: ClassVar[str] = "characters"
    text_limit: ClassVar[int]
    media: ClassVar[MediaRules]
    poll: ClassVar[PollRules | None] = None
    supports_threads: ClassVar[bool] = False
    supports_link: ClassVar[bool] = True  # false where a link cannot be followed by readers
    supports_first_comment: ClassVar[bool] = False
    first_comment_limit: ClassVar[int] = 0
    max_hashtags: ClassVar[int | None] = None
    max_mentions: ClassVar[int | None] = None
    # For a reader of the preview: after how much text the network folds the rest away.
    fold_characters: ClassVar[int | None] = None
    fold_lines: ClassVar[int | None] = None
    shortens_links: ClassVar[bool] = False  # shows them without protocol and cut
    # For a writer, human or not: one sentence of what works on this network.
    hint: ClassVar[str]

    @property
    def supports_media(self) -> bool:
        return self.media.max_images > 0

    @property
    def supports_poll(self) -> bool:
        return self.poll is not None

    def __repr__(self) -> str:
        return f"<rules of {self.name}>"

    # Counting

    def measure(self, text: str, *, limits: dict | None = None) -> int:
        """The length of `text` in the network's unit."""
        return len(text)

    def limit(self, limits: dict | None = None) -> int:
        """The most that one post may have, in the network's unit."""
        return limit_of(limits, "max_characters", self.text_limit)

    def count(self, text: str, *, limits: dict | None = None) -> Count:
        """How long `text` is, and how long it may be."""
        return Count(value=self.measure(text, limits=limits), limit=self.limit(limits), unit=self.unit)

    def fits(self, text: str, *, limits: dict | None = None) -> bool:
        """True if the network takes a text of this length."""
        return self.measure(text, limits=limits) <= self.limit(limits)

    def truncate(self, text: str, limits: dict | None = None) -> str:
        """`text` if it fits, else its longest beginning that does: to a sentence's end, or a word's with "…"."""
        return cut_to_fit(text, lambda candidate: self.fits(candidate, limits=limits))

    def text_of(self, segment: Segment) -> str:
        """The text that is sent and counted: with the segment's link where the network has no other place for it."""
        if segment.link and self.link_goes_into_text(segment) and segment.link.url not in segment.text:
            return f"{segment.text}\n\n{segment.link.url}" if segment.text else segment.link.url
        return segment.text

    def link_goes_into_text(self, segment: Segment) -> bool:
        """True where the network has no link card of its own to send beside the text."""
        return self.supports_link

    def count_segment(self, message: Message, index: int, *, limits: dict | None = None) -> Count:
        """How long one segment of `message` is, with everything the network counts besides its text."""
        return self.count(self.text_of(message.segments[index]), limits=limits)

    # Checking

    def check(self, message: Message, *, limits: dict | None = None) -> list[Finding]:
        """Everything that the network would refuse in `message`, and what an editor should know, in reading order."""
        findings = list(self.check_message(message, limits=limits))
        for index, segment in enumerate(message.segments):
            findings += self.check_text(message, index, limits=limits)
            findings += self.check_media(segment, index, limits=limits)
            if segment.poll:
                findings += self.check_poll(segment, index, limits=limits)
            if segment.link and not self.supports_link:
                findings.append(
                    Finding(
                        "link_not_clickable",
                        _("%(network)s shows no links, so this link is left out.") % {"network": self.name},
                        _("Put the link into the profile and mention it in the text."),
                        index,
                        blocking=False,
                    )
                )
        return findings

    def check_message(self, message: Message, *, limits: dict | None = None) -> Iterator[Finding]:
        if not message.segments:
            yield Finding("empty", _("The post is empty."), _("Write a text or add a picture."))
        if len(message.segments) > 1 and not self.supports_threads:
            yield Finding(
                "thread_unsupported",
                _("%(network)s has no threads: only the first segment could be sent.") % {"network": self.name},
                _("Join the segments into one for %(network)s.") % {"network": self.name},
                1,
            )
        if message.first_comment:
            yield from self.check_first_comment(message.first_comment)

    def check_first_comment(self, comment: str) -> Iterator[Finding]:
        if not self.supports_first_comment:
            yield Finding(
                "first_comment_unsupported",
                _("A first comment cannot be sent to %(network)s.") % {"network": self.name},
                _("Add it as a further segment, or remove it for %(network)s.") % {"network": self.name}
                if self.supports_threads
                else _("Remove it for %(network)s.") % {"network": self.name},
            )
        elif len(comment) > self.first_comment_limit:
            yield Finding(
                "first_comment_too_long",
                _("The first comment has %(value)s characters; %(network)s takes %(limit)s.")
                % {"value": len(comment), "network": self.name, "limit": self.first_comment_limit},
                _("Shorten the first comment."),
            )

    def check_text(self, message: Message, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        segment = message.segments[index]
        text = self.text_of(segment)
        if not text.strip() and not segment.media:
            yield Finding(
                "text_empty", _("There is nothing to publish here."), _("Write a text or add a picture."), index
            )
        count = self.count_segment(message, index, limits=limits)
        if count.remaining < 0:
            yield Finding(
                "text_too_long",
                _("The text has %(value)s %(unit)s; %(network)s takes %(limit)s.")
                % {"value": count.value, "unit": self.unit, "network": self.name, "limit": count.limit},
                _("Shorten it by %(over)s, or split it into a thread.") % {"over": -count.remaining}
                if self.supports_threads
                else _("Shorten it by %(over)s.") % {"over": -count.remaining},
                index,
            )
        if self.max_hashtags is not None and (found := len(texts.hashtags(text))) > self.max_hashtags:
            yield Finding(
                "too_many_hashtags",
                _("There are %(found)s hashtags; %(network)s takes %(limit)s.")
                % {"found": found, "network": self.name, "limit": self.max_hashtags},
                _("Remove %(over)s hashtags.") % {"over": found - self.max_hashtags},
                index,
            )
        if self.max_mentions is not None and (found := len(texts.mentions(text))) > self.max_mentions:
            yield Finding(
                "too_many_mentions",
                _("There are %(found)s mentions; %(network)s takes %(limit)s.")
                % {"found": found, "network": self.name, "limit": self.max_mentions},
                _("Remove %(over)s mentions.") % {"over": found - self.max_mentions},
                index,
            )

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

    def poll_rules(self, limits: dict | None) -> PollRules | None:
        """The rules for polls on an account with these limits; none where there are no polls."""
        return self.poll

    def check_poll(self, segment: Segment, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        rules, poll = self.poll_rules(limits), segment.poll
        if poll is None:
            return
        if rules is None:
            yield Finding(
                "poll_unsupported",
                _("A poll cannot be sent to %(network)s.") % {"network": self.name},
                _("Remove the poll for %(network)s.") % {"network": self.name},
                index,
            )
            return
        yield from self._check_poll_options(poll, index, rules)
        if not rules.min_minutes <= poll.minutes <= rules.max_minutes:
            yield Finding(
                "poll_duration",
                _("The poll runs for %(minutes)s minutes; %(network)s takes %(least)s to %(most)s.")
                % {
                    "minutes": poll.minutes,
                    "network": self.name,
                    "least": rules.min_minutes,
                    "most": rules.max_minutes,
                },
                _("Choose another duration."),
                index,
            )
        if segment.media:
            yield Finding(
                "poll_with_media",
                _("%(network)s takes a poll or media in one post, not both.") % {"network": self.name},
                _("Remove the media or the poll from this segment."),
                index,
            )
        if not segment.text.strip():
            yield Finding("poll_without_text", _("The poll has no question."), _("Write it as the text."), index)

    def _check_poll_options(self, poll: Poll, index: int, rules: PollRules) -> Iterator[Finding]:
        if not rules.min_options <= len(poll.options) <= rules.max_options:
            yield Finding(
                "poll_options",
                _("The poll has %(found)s options; %(network)s takes %(least)s to %(most)s.")
                % {
                    "found": len(poll.options),
                    "network": self.name,
                    "least": rules.min_options,
                    "most": rules.max_options,
                },
                _("Add or remove options."),
                index,
            )
        for option in poll.options:
            if not option.strip():
                yield Finding(
                    "poll_option_empty", _("An option of the poll is empty."), _("Write or remove it."), index
                )
            elif (length := texts.grapheme_count(option)) > rules.max_option_length:
                yield Finding(
                    "poll_option_too_long",
                    _("The option “%(option)s” has %(value)s characters; %(network)s takes %(limit)s.")
                    % {
                        "option": option,
                        "value": length,
                        "network": self.name,
                        "limit": rules.max_option_length,
                    },
                    _("Shorten the option."),
                    index,
                )
        if len(set(poll.options)) < len(poll.options):
            yield Finding("poll_option_twice", _("Two options of the poll are the same."), _("Change one."), index)


def limit_of(limits: dict | None, name: str, default: int) -> int:
    """A limit as the network told it, or `default` where it told none (or nonsense)."""
    value = (limits or {}).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default
