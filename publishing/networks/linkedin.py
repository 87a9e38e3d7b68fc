"""LinkedIn: 3,000 characters in its little text format. Source: Posts API and "little text format" reference."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from ..messages import Segment
from .base import NetworkRules
from .findings import Finding
from .images import GIF, JPEG, PNG, ImageRules
from .media import MediaRules
from .polls import PollRules

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


def plain_of(commentary: str) -> str:
    """A `commentary` as people read it, for telling whether two are the same: LinkedIn writes hashtags anew."""
    commentary = re.sub(r"\{hashtag\|\\?[#＃]\|([^}]*)\}", r"#\1", commentary)
    return " ".join(re.sub(r"\\(.)", r"\1", commentary).split())


def question_of(text: str) -> str:
    """The question over a poll: the last line that asks something, or else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.endswith("?")), lines[0] if lines else "")


def duration_of(minutes: int) -> str:
    """LinkedIn's name for how long a poll runs: the shortest that is not shorter than `minutes`."""
    return next((name for most, name in _DURATIONS if minutes <= most), _DURATIONS[-1][1])


_DAY = 24 * 60
_DURATIONS = ((_DAY, "ONE_DAY"), (3 * _DAY, "THREE_DAYS"), (7 * _DAY, "SEVEN_DAYS"), (14 * _DAY, "FOURTEEN_DAYS"))


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
    poll = PollRules(max_option_length=30, min_minutes=_DAY, max_minutes=14 * _DAY)
    POLL_QUESTION_LIMIT = 140
    fold_lines = 3
    fold_characters = 210
    hint = (
        "LinkedIn: a strong first line before the fold at about 200 characters, short paragraphs, a concrete insight, "
        "three to five hashtags at the end, at most 3000 characters."
    )

    def link_goes_into_text(self, segment: Segment) -> bool:
        # Alone it is an article card; beside media or a poll there is no place for one.
        return bool(segment.media or segment.poll)

    def check_poll(self, segment: Segment, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        yield from super().check_poll(segment, index, limits=limits)
        question = question_of(segment.text)
        if len(question) > self.POLL_QUESTION_LIMIT:
            yield Finding(
                "poll_question_too_long",
                _("The poll's question has %(value)s characters; LinkedIn takes %(limit)s.")
                % {"value": len(question), "limit": self.POLL_QUESTION_LIMIT},
                _("Put a short question on a line of its own, with a question mark at its end."),
                index,
            )
