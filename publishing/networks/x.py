"""X: weighted length, threads, polls. Source: twitter-text configuration v3 and its conformance data; API v2."""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _
from twitter_text import extract_emojis_with_indices

from ..messages import Message, Segment
from . import text as texts
from .base import NetworkRules
from .findings import Finding
from .images import GIF, JPEG, PNG, WEBP, ImageRules
from .media import MediaRules
from .polls import PollRules

URL_WEIGHT = 23
# Code points that weigh 1; every other weighs 2, and so does a whole emoji sequence.
_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
# Whatever can be part of an emoji. The package's own pattern is slow on everything else.
_PERHAPS_EMOJI = re.compile("[#*0-9\u00a9\u00ae\u200d\u203c-\u303d\u3297\u3299\ufe0f\U0001f000-\U0010ffff]+")
_LINE_END = re.compile(r"\r\n?")
_NEVER_ACCEPTED = re.compile("[\ufffe\ufeff\uffff]")


class X(NetworkRules):
    key = "x"
    name = "X"
    text_limit = 280
    PREMIUM_TEXT_LIMIT = 25_000
    supports_threads = True
    shortens_links = True
    media = MediaRules(
        max_images=4,
        image=ImageRules(types=(JPEG, PNG, WEBP, GIF), max_bytes=5_000_000),
        video_types=("video/mp4", "video/quicktime"),
        video_bytes=512_000_000,
        alt_limit=1000,
    )
    poll = PollRules(max_option_length=25, min_minutes=5, max_minutes=10_080)
    fold_characters = 280
    hint = (
        "X: one idea in at most 280 weighted characters, the point in the first line, no more than two hashtags, "
        "a link counts 23 characters."
    )
    GIF_BYTES = 15_000_000

    def limit(self, limits: dict | None = None) -> int:
        if (limits or {}).get("premium") is True and not (limits or {}).get("max_characters"):
            return self.PREMIUM_TEXT_LIMIT
        return super().limit(limits)

    def measure(self, text: str, *, limits: dict | None = None) -> int:
        text = _LINE_END.sub("\n", unicodedata.normalize("NFC", text))
        weight = 0
        if "." in text:
            links = texts.urls(text, without_protocol=True)
            weight += URL_WEIGHT * len(links)
            text = texts.without(text, links, replacement="\x00")
            weight -= len(links)
        if not text.isascii():
            emoji = _emoji(text)
            weight += 2 * len(emoji)
            text = texts.without(text, emoji)
            weight += len(_HEAVY.findall(text))
        return weight + len(text)

    def check_text(self, message: Message, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        yield from super().check_text(message, index, limits=limits)
        if _NEVER_ACCEPTED.search(message.segments[index].text):
            yield Finding(
                "text_invalid_characters",
                _("The text has an invisible character that X refuses."),
                _("Type the passage again instead of pasting it."),
                index,
            )

    def check_media(self, segment: Segment, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        yield from super().check_media(segment, index, limits=limits)
        moving = [item for item in segment.media if item.mime_type == GIF]
        if moving and len(segment.media) > 1:
            yield Finding(
                "media_mixed",
                _("X takes one GIF alone, without other media."),
                _("Keep the GIF or the other media in this segment."),
                index,
            )

    def check_item(self, item, index, rules):
        for finding in super().check_item(item, index, rules):
            # An animation may weigh more than a still picture.
            if finding.code == "media_too_large" and item.mime_type == GIF and item.size <= self.GIF_BYTES:
                continue
            yield finding

    def check_message(self, message: Message, *, limits: dict | None = None) -> Iterator[Finding]:
        yield from super().check_message(message, limits=limits)
        first = message.segments[0] if message.segments else None
        if message.options.get("quote") and first and (first.media or first.poll):
            yield Finding(
                "quote_mixed",
                _("X takes a quoted post, media or a poll, not several of these."),
                _("Remove the quoted post, or the media and the poll."),
                0,
            )


def _emoji(text: str) -> list[tuple[int, int]]:
    """Where whole emoji sequences are, in code points."""
    return [
        (run.start() + found["indices"][0], run.start() + found["indices"][1])
        for run in _PERHAPS_EMOJI.finditer(text)
        if not run[0].isascii()
        for found in extract_emojis_with_indices(run[0])
    ]
