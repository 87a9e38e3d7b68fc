"""What every network's rules have in common: how they are declared, and how a message is checked against them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from ..messages import Message, Segment
from . import text as texts
from .findings import Finding, limit_of
from .fitting import cut_to_fit
from .media import ChecksMedia, MediaRules
from .polls import ChecksPolls, PollRules


@dataclass(frozen=True)
class Count:
    """How long a text is by its network's own measure. `unit` is the plural noun to show beside it."""

    value: int
    limit: int
    unit: str

    @property
    def remaining(self) -> int:
        return self.limit - self.value


class NetworkRules(ChecksMedia, ChecksPolls):
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
    supports_first_comment: ClassVar[bool] = True
    first_comment_limit: ClassVar[int] = 0  # characters; 0 where it is a reply and counts like any other post
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
            yield from self.check_first_comment(message.first_comment, limits=limits)

    def check_first_comment(self, comment: str, *, limits: dict | None = None) -> Iterator[Finding]:
        if not self.supports_first_comment:
            yield Finding(
                "first_comment_unsupported",
                _("%(network)s has no first comments, so it is left out there.") % {"network": self.name},
                _("Say it in the text if readers need it there."),
                blocking=False,
            )
            return
        length, most = len(comment), self.first_comment_limit
        if not most:
            length, most = self.measure(comment, limits=limits), self.limit(limits)
        if length > most:
            yield Finding(
                "first_comment_too_long",
                _("The first comment has %(value)s characters; %(network)s takes %(limit)s.")
                % {"value": length, "network": self.name, "limit": most},
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
