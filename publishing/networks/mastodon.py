"""Mastodon: limits that each instance sets. Source: Mastodon's status length validator and `/api/v2/instance`.

`limits` may have `max_characters`, `characters_reserved_per_url`,
`max_media_attachments`, `description_limit`, `image_size_limit`,
`video_size_limit`, `supported_mime_types`, and for polls `max_options`,
`max_characters_per_option`, `min_expiration`, `max_expiration` (seconds),
named as the instance names them.
"""

import re
from dataclasses import replace

from ..messages import Message
from . import text as texts
from .base import Count, NetworkRules
from .findings import limit_of
from .images import GIF, JPEG, PNG, WEBP, ImageRules
from .media import MediaRules
from .polls import PollRules

# A mention of somebody on another instance: only the name before the second "@" counts.
_REMOTE_MENTION = re.compile(r"(?<![=/\w])(@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@\w+(?:[.-]+\w+)*", re.IGNORECASE)

# Mastodon takes more into a link's path and query than X does: "@", "…", any script.
_INNER = r"[^\s<>()?]"
_PARENTHESES = r"\([^\s<>()?]+\)"
_LAST = "[^\\s()?!*\"'「」<>;:=,.$%\\[\\]~&|@]"
_REST_OF_LINK = re.compile(
    rf"(?:/(?:(?:{_INNER}|{_PARENTHESES})*(?:{_LAST}|{_PARENTHESES}))?)?"
    r"(?:\?[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\u00a0-\U000efffd]*[a-z0-9_&=#/\-\u00a0-\U000efffd])?",
    re.IGNORECASE,
)


class Mastodon(NetworkRules):
    key = "mastodon"
    name = "Mastodon"
    text_limit = 500
    CHARACTERS_PER_URL = 23
    supports_threads = True
    shortens_links = True
    media = MediaRules(
        max_images=4,
        image=ImageRules(types=(JPEG, PNG, GIF, WEBP), max_bytes=16_777_216),
        video_types=("video/mp4", "video/quicktime", "video/webm"),
        video_bytes=103_809_024,
        alt_limit=1500,
    )
    poll = PollRules(max_option_length=50, min_minutes=5, max_minutes=43_829)
    hint = (
        "Mastodon: friendly and informative, at most 500 characters, hashtags in CamelCase so that screen readers "
        "can read them, no hype."
    )

    def measure(self, text: str, *, limits: dict | None = None) -> int:
        links = _links(text) if ":" in text else []
        reserved = limit_of(limits, "characters_reserved_per_url", self.CHARACTERS_PER_URL)
        rest = texts.without(text, links, replacement="\x00")
        if "@" in rest:
            rest = _REMOTE_MENTION.sub(r"\1", rest)
        # Each link is one NUL by now, which is a character of its own to any counter.
        return texts.grapheme_count(rest) + len(links) * (reserved - 1)

    def count_segment(self, message: Message, index: int, *, limits: dict | None = None) -> Count:
        count = super().count_segment(message, index, limits=limits)
        warning = texts.grapheme_count(message.options.get("spoiler_text") or "")
        return replace(count, value=count.value + warning)

    def media_rules(self, limits: dict | None) -> MediaRules:
        if not limits:
            return self.media
        types = tuple(limits.get("supported_mime_types") or ())
        return replace(
            self.media,
            max_images=limit_of(limits, "max_media_attachments", self.media.max_images),
            image=replace(
                self.media.image,
                max_bytes=limit_of(limits, "image_size_limit", self.media.image.max_bytes),
                types=tuple(each for each in types if each.startswith("image/")) or self.media.image.types,
            ),
            video_types=tuple(each for each in types if each.startswith("video/")) or self.media.video_types,
            video_bytes=limit_of(limits, "video_size_limit", self.media.video_bytes),
            alt_limit=limit_of(limits, "description_limit", self.media.alt_limit),
        )

    def poll_rules(self, limits: dict | None) -> PollRules:
        return replace(
            self.poll,
            max_options=limit_of(limits, "max_options", self.poll.max_options),
            max_option_length=limit_of(limits, "max_characters_per_option", self.poll.max_option_length),
            min_minutes=-(-limit_of(limits, "min_expiration", self.poll.min_minutes * 60) // 60),
            max_minutes=limit_of(limits, "max_expiration", self.poll.max_minutes * 60) // 60,
        )


def _links(text: str) -> list[tuple[int, int]]:
    """Where Mastodon sees links: only with their protocol, and with its own idea of where they end."""
    links: list[tuple[int, int]] = []
    for start, end in texts.urls(text):
        if links and start < links[-1][1]:
            continue  # inside the one before
        path = re.compile(r"[/?]").search(text, text.index("://", start) + 3, end)
        if rest := _REST_OF_LINK.match(text, path.start() if path else end):
            end = max(end, rest.end())
        links.append((start, end))
    return links
