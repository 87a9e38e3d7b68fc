"""What a page says about the words that somebody searched for."""

import re
from collections.abc import Iterator

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .models import SitePage

LENGTH = 220  # characters
SHORTEST = 40  # a passage; what is shorter is a heading


def excerpt(page: SitePage, query: str) -> str:
    """The place in the page's text that has most of the words, with each of them marked; else its description."""
    words = _pattern(query)
    if words is None:
        return page.description
    best = max(_passages(page), key=lambda text: _different(words, text))
    found = words.search(best)
    return _marked(words, _cut(best, around=found.start())) if found else page.description


def _pattern(query: str) -> re.Pattern | None:
    """Finds a word in its other forms, too, as the search itself does: approve, approved, approval."""
    stems = [re.escape(word[: max(4, len(word) - 3)]) for word in re.findall(r"\w+", query) if len(word) > 2]
    return re.compile(rf"\b(?:{'|'.join(stems)})\w*", re.IGNORECASE) if stems else None


def _passages(page: SitePage) -> Iterator[str]:
    """The description, then what the page says, paragraph by paragraph; no headings, no labels, no code."""
    yield page.description
    for block in getattr(page, "body", None) or ():
        if block.block_type == "code":
            continue
        for said in block.block.get_searchable_content(block.value):
            for passage in re.split(r"\n+", str(said)):
                text = " ".join(passage.split())
                if len(text) >= SHORTEST:
                    yield text


def _different(words: re.Pattern, text: str) -> int:
    return len({found[0][:4].lower() for found in words.finditer(text)})


def _cut(text: str, *, around: int) -> str:
    """At most LENGTH characters, from and to whole words, with the character at `around` among them."""
    if len(text) <= LENGTH:
        return text
    start = max(0, min(around - LENGTH // 3, len(text) - LENGTH))
    start = start and text.index(" ", start - 1) + 1
    end = start + LENGTH
    if end >= len(text):
        return f"… {text[start:]}"
    return f"{'… ' if start else ''}{text[start : text.rindex(' ', start, end)]} …"


def _marked(words: re.Pattern, text: str) -> SafeString:
    parts, at = [], 0
    for found in words.finditer(text):
        parts += [conditional_escape(text[at : found.start()]), format_html("<mark>{}</mark>", found[0])]
        at = found.end()
    return mark_safe("".join([*parts, conditional_escape(text[at:])]))
