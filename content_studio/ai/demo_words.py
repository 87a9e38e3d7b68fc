"""What the demo knows about words."""

import hashlib
import re
from itertools import pairwise

from . import demo_texts

SMALL_WORDS = frozenset(demo_texts.SMALL_WORDS.split())


def hashtags_for(text: str) -> list[str]:
    """The words that carry a text, as hashtags in CamelCase, without repetition."""
    words = [word for word in re.findall(r"[^\W\d_]{4,}", text) if word.lower() not in SMALL_WORDS]
    singles = [f"#{word[0].upper()}{word[1:]}" for word in words]
    pairs = [
        f"#{a.capitalize()}{b.capitalize()}" for a, b in pairwise(words) if f"{a} {b}" in text and len(a + b) <= 20
    ]
    said = pairs[0].lower() if pairs else ""
    return list(dict.fromkeys([*pairs[:1], *(single for single in singles if single[1:].lower() not in said)]))[:8]


class Chance:
    """The same choices for the same words."""

    def __init__(self, *words):
        digest = hashlib.sha256("\x00".join(str(word) for word in words).encode()).digest()
        self.state = int.from_bytes(digest, "big")

    def number(self, below: int) -> int:
        self.state, number = divmod(self.state, below)
        return number

    def pick(self, choices):
        return choices[self.number(len(choices))]

    def order(self, choices) -> list:
        left = list(choices)
        return [left.pop(self.number(len(left))) for _ in choices]
