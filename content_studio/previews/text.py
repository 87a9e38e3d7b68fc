"""A text as a network shows it: links, hashtags and mentions stand out, long texts are folded."""

import re
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from publishing.networks import NetworkRules
from publishing.networks.text import graphemes, urls

_TAG_OR_MENTION = re.compile(r"(?<![\w&/])(?:[#＃]\w*[^\W\d_]\w*|[@＠]\w(?:[\w.-]*\w)?(?:@\w[\w.-]*\w)?)")
_SHOWN_LENGTH_OF_LINK = 30


@dataclass(frozen=True)
class ShownText:
    """What a reader sees at once, and what only after asking for more."""

    visible: SafeString
    folded: SafeString


def shown(text: str, rules: NetworkRules) -> ShownText:
    """`text` marked up, and folded where `rules` says that the network folds."""
    at = fold_position(text, rules)
    return ShownText(marked_up(text[:at], rules), marked_up(text[at:], rules))


def fold_position(text: str, rules: NetworkRules) -> int:
    """Where the network cuts the text off before "more": at a word's end; the text's length if nowhere."""
    position = len(text)
    if rules.fold_lines:
        lines = text.split("\n")
        if len(lines) > rules.fold_lines:
            position = len("\n".join(lines[: rules.fold_lines]))
    if rules.fold_characters:
        characters = graphemes(text[:position])
        if len(characters) > rules.fold_characters:
            cut = "".join(characters[: rules.fold_characters])
            space = max(cut.rfind(" "), cut.rfind("\n"))
            position = space if space > len(cut) // 2 else len(cut)
    return position


def marked_up(text: str, rules: NetworkRules) -> SafeString:
    """`text` as HTML with what the network makes clickable in spans of their own."""
    parts, position = [], 0
    for start, end, kind in _clickable(text, rules):
        parts.append(conditional_escape(text[position:start]))
        parts.append(format_html('<span class="cs-{}">{}</span>', kind, _as_shown(text[start:end], kind, rules)))
        position = end
    parts.append(conditional_escape(text[position:]))
    return format_html_join("", "{}", ((part,) for part in parts)) if parts else mark_safe("")


def _clickable(text: str, rules: NetworkRules) -> list[tuple[int, int, str]]:
    links = urls(text, without_protocol=rules.key == "x") if rules.supports_link else []
    found = [(start, end, "link") for start, end in links]
    for match in _TAG_OR_MENTION.finditer(text):
        if not any(start <= match.start() < end for start, end in links):
            found.append((match.start(), match.end(), "tag" if match[0][0] in "#＃" else "mention"))
    return sorted(found)


def _as_shown(text: str, kind: str, rules: NetworkRules) -> str:
    """A link without its protocol and shortened, where the network does that."""
    if kind != "link" or not rules.shortens_links:
        return text
    bare = re.sub(r"^https?://(www\.)?", "", text, flags=re.IGNORECASE)
    return bare if len(bare) <= _SHOWN_LENGTH_OF_LINK else bare[:_SHOWN_LENGTH_OF_LINK] + "…"
