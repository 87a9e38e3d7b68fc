"""Bluesky: 300 characters as people see them and 3,000 bytes. Source: the lexicon app.bsky.feed.post."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from ..messages import Message, Segment
from .base import NetworkRules
from .findings import Finding
from .images import GIF, JPEG, PNG, WEBP, ImageRules
from .media import MediaRules
from .text import grapheme_count


class Bluesky(NetworkRules):
    key = "bluesky"
    name = "Bluesky"
    text_limit = 300
    BYTE_LIMIT = 3000
    supports_threads = True
    media = MediaRules(
        max_images=4,
        image=ImageRules(types=(JPEG, PNG, WEBP, GIF), max_bytes=1_000_000),
        video_bytes=100_000_000,
        alt_limit=2000,
    )
    hint = (
        "Bluesky: conversational and without marketing tone, at most 300 characters, one or two hashtags, "
        "a link with a card instead of a bare address."
    )

    def measure(self, text: str, *, limits: dict | None = None) -> int:
        return grapheme_count(text)

    def fits(self, text: str, *, limits: dict | None = None) -> bool:
        return len(text.encode()) <= self.BYTE_LIMIT and super().fits(text, limits=limits)

    def link_goes_into_text(self, segment: Segment) -> bool:
        return bool(segment.media)  # a post has one embed: the card, or the media

    def check_text(self, message: Message, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        yield from super().check_text(message, index, limits=limits)
        size = len(self.text_of(message.segments[index]).encode())
        if size > self.BYTE_LIMIT:
            yield Finding(
                "text_too_many_bytes",
                _("The text takes %(size)s bytes; Bluesky takes %(limit)s. Emoji and accents take several each.")
                % {"size": size, "limit": self.BYTE_LIMIT},
                _("Use fewer emoji, or split it into a thread."),
                index,
            )
