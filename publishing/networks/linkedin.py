"""LinkedIn: 3,000 characters in its little text format. Source: Posts API and "little text format" reference."""

import re

from ..messages import Segment
from .base import NetworkRules
from .images import GIF, JPEG, PNG, ImageRules
from .media import MediaRules

_RESERVED = re.compile(r"([\\|{}@\[\]()<>#*_~])")
# What keeps its meaning: a mention with its URN, and a hashtag that starts a word.
_MEANT = re.compile(
    r"@\[(?P<name>[^\[\]\n]+)\]\((?P<urn>urn:li:(?:person|organization|member|company):[\w-]+)\)"
    r"|(?<![\w&/#\\])(?P<sign>[#＃])(?P<tag>\w*[^\W\d_]\w*)"
)


def escape_little_text(text: str) -> str:
    r"""`text` as LinkedIn's `commentary`: every reserved character escaped with "\", hashtags and mentions kept.

    An unescaped one would silently cut the post off. Nothing is ever lost:
    without the added backslashes it is `text` again.
    """
    parts, position = [], 0
    for match in _MEANT.finditer(text):
        parts.append(_escape(text[position : match.start()]))
        if match["urn"]:
            parts.append(f"@[{_escape(match['name'])}]({match['urn']})")
        else:
            parts.append(match["sign"] + _escape(match["tag"]))
        position = match.end()
    return "".join([*parts, _escape(text[position:])])


def _escape(text: str) -> str:
    return _RESERVED.sub(r"\\\1", text)


class LinkedIn(NetworkRules):
    key = "linkedin"
    name = "LinkedIn"
    text_limit = 3000
    first_comment_limit = 1250
    media = MediaRules(
        max_images=20,
        image=ImageRules(types=(JPEG, PNG, GIF), max_bytes=8_000_000, max_width=6000, max_height=6000),
        max_documents=1,
        video_bytes=500_000_000,
        document_types=(
            "application/pdf",
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        document_bytes=100_000_000,
        alt_limit=4086,
    )
    fold_lines = 3
    fold_characters = 210
    hint = (
        "LinkedIn: a strong first line before the fold at about 200 characters, short paragraphs, a concrete insight, "
        "three to five hashtags at the end, at most 3000 characters."
    )

    def link_goes_into_text(self, segment: Segment) -> bool:
        return bool(segment.media)  # alone it is an article card; beside media there is no place for one
