"""What the networks see in a text: characters as people see them, links, hashtags, mentions."""

import re
import warnings

import grapheme

with (
    warnings.catch_warnings()
):  # that setuptools will drop what it reads its emoji with: requirements.in keeps one that has it
    warnings.simplefilter("ignore", UserWarning)
    from twitter_text import extract_urls_with_indices

# A hashtag as the strictest counter reads it: any "#" with something to name after it.
_HASHTAG = re.compile(r"[#＃][^\s#＃!-/:-@\[-^`{-~]+")
# No link is longer, no real domain has more labels, no path more parentheses. The matcher's time grows with
# the square of such passages and worse, so they are kept from it.
_LONGEST_LINK = 4096
_MOST_LABELS = 40
_MOST_PARENTHESES = 20
_PASSAGE = re.compile(r"\S{200,}")
_MENTION = re.compile(r"(?<![\w@/.])[@＠][A-Za-z0-9_](?:[\w.-]*\w)?")


def grapheme_count(text: str) -> int:
    """How many characters a person sees (extended grapheme clusters, UAX #29)."""
    # Among ASCII only CR LF is more than one code point in a cluster.
    return len(text) - text.count("\r\n") if text.isascii() else grapheme.length(text)


def graphemes(text: str) -> list[str]:
    """The characters that a person sees, in order; joined they are `text` again."""
    return list(grapheme.graphemes(text))


def urls(text: str, *, without_protocol: bool = False) -> list[tuple[int, int]]:
    """Where the links are, as (start, end) in code points, by twitter-text's rules."""
    return [
        (found["indices"][0], found["indices"][1])
        for found in extract_urls_with_indices(
            _PASSAGE.sub(_without_impossible_links, text), extract_urls_without_protocol=without_protocol
        )
    ]


def _without_impossible_links(match: re.Match) -> str:
    """The passage, with what cannot hold a link masked by as many letters."""
    passage = match[0]
    if len(passage) > _LONGEST_LINK:
        return "x" * len(passage)
    if passage.count("(") > _MOST_PARENTHESES:
        passage = passage.replace("(", "\x00")  # ends a link there
    if passage.count(".") <= _MOST_LABELS:
        return passage
    return "/".join("x" * len(part) if part.count(".") > _MOST_LABELS else part for part in passage.split("/"))


def without(text: str, spans: list[tuple[int, int]], *, replacement: str = "") -> str:
    """`text` with each of `spans` (in order, not overlapping) replaced."""
    parts, position = [], 0
    for start, end in spans:
        parts += [text[position:start], replacement]
        position = end
    return "".join([*parts, text[position:]])


def hashtags(text: str) -> list[str]:
    """Every hashtag with its sign, outside of links."""
    return _HASHTAG.findall(without(text, urls(text), replacement=" "))


def mentions(text: str) -> list[str]:
    """Every mention with its sign, outside of links."""
    return _MENTION.findall(without(text, urls(text), replacement=" "))
