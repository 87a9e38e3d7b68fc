"""Cuts a text so that it fits, where it hurts least."""

import re
from bisect import bisect_right
from collections.abc import Callable

import grapheme

# The end of a sentence: its mark with closing quotes and brackets, then a space
# (not needed after East Asian marks), or the end of a line.
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？．]+[」』”’）]*|[^\s](?=[ \t]*\n)")
_WORD_END = re.compile(r"\S(?=\s)")
ELLIPSIS = "…"
# A cut at a sentence's end is preferred unless it throws away more than this share of what would fit.
_WORTH_KEEPING = 0.4


def cut_to_fit(text: str, fits: Callable[[str], bool]) -> str:
    """The longest beginning of `text` that `fits`: whole, else to the end of a sentence, of a word, of a character.

    Whatever is not cut at a sentence's end is marked with "…". Links are never
    cut into pieces, as they have no spaces. If not even "…" fits, nothing is left.
    """
    if fits(text):
        return text
    text = text.rstrip()
    if fits(text):
        return text
    word = _longest(text, [match.end() for match in _WORD_END.finditer(text)], fits, ELLIPSIS)
    sentence = _longest(text, [match.end() for match in _SENTENCE_END.finditer(text)], fits)
    if sentence and len(sentence) >= _WORTH_KEEPING * len(word):
        return sentence
    if word:
        return word
    ends, position = [], 0
    for length in grapheme.grapheme_lengths(text):
        position += length
        ends.append(position)
    return _longest(text, ends, fits, ELLIPSIS) or (ELLIPSIS if fits(ELLIPSIS) else "")


def _longest(text: str, ends: list[int], fits: Callable[[str], bool], mark: str = "") -> str:
    """The longest of text[:end] + mark that fits; empty if none does."""

    def candidate(end: int) -> str:
        return text[:end].rstrip(" ,;:–—-") + mark if mark else text[:end]

    # Lengths grow with the text but for rare steps (half an address counts
    # differently from a whole one): find the step, then go back until it fits.
    index = bisect_right(ends, 0, key=lambda end: 0 if fits(candidate(end)) else 1)
    while index > 0:
        index -= 1
        if fits(candidate(ends[index])):
            return candidate(ends[index])
    return ""
