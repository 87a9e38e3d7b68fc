"""A provider without a model: builds readable texts from templates, so that everything can be tried without a key.

The same brief gives the same text; another tone, network, variant or prompt gives another.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from itertools import pairwise

from django.utils.translation import gettext as _

from .base import Answer, NotOffered, Provider, Question
from .demo_texts import CLOSINGS, EMOJI, MIDDLES, OPENINGS, SMALL_WORDS

# What a brief says about writing rather than about the subject.
_TASK_WORDS = re.compile(
    r"^(?:please\s+)?(?:(?:can|could) you\s+)?(?:write|create|draft|make|generate|compose|prepare)\s+(?:me\s+|us\s+)?"
    r"(?:an?\s+|the\s+)?(?:\w+\s+){0,2}?(?:post|posts|tweet|tweets|thread|caption|text|update|announcement)?\s*"
    r"(?:of \w+ posts\s+)?(?:about|on|for|announcing|that announces|to announce|saying that|:)\s+",
    re.IGNORECASE,
)
_THREAD_WORDS = re.compile(r"^(?:an?\s+)?(?:\w+[- ]part\s+)?threads?\s+(?:about|on|for)\s+", re.IGNORECASE)
_SMALL_WORDS = frozenset(SMALL_WORDS.split())


class Demo(Provider):
    key = "demo"
    name = "Demo"
    sees_pictures = False
    pace = 0.012  # seconds between the words of a stream, so that one sees it write

    def ask_once(self, question: Question) -> Answer:
        text = question.shape(**self._content(question)).model_dump_json()
        return Answer(
            content=self.read(text, question),
            text=text,
            model=self.model,
            input_tokens=_tokens(question.instructions, *(turn.text for turn in question.turns)),
            output_tokens=_tokens(text),
        )

    def stream_once(self, question: Question) -> Iterator[str | Answer]:
        answer = self.ask_once(question)
        for word in re.findall(r"\S+\s*", answer.text):
            yield word
            time.sleep(self.pace)
        yield answer

    def _content(self, question: Question) -> dict:
        task = question.facts.get("task")
        if task != "write":
            raise NotOffered(_("The demo provider cannot do this: it takes a model. Choose another AI provider."))
        return {"segments": _post(**{name: value for name, value in question.facts.items() if name != "task"})}


def _post(*, rules, tone, prompt, limits, thread, variant, **_unused) -> list[str]:
    """A post on the subject of `prompt`, as long as is usual on the network."""
    chance = _Chance(prompt, tone, rules.key, variant)
    tone = tone if tone in OPENINGS else chance.pick(tuple(OPENINGS))
    subject = topic(prompt)
    opening = _sentence(chance.pick(OPENINGS[tone]).format(topic=subject))
    middles = chance.order(MIDDLES[tone])
    closing = chance.pick(CLOSINGS[tone])
    tags = hashtags_for(prompt)

    if thread:
        return [opening, *middles[: 2 + chance.number(3)], closing]
    if rules.key == "linkedin":
        points = "\n".join(f"• {middle}" for middle in middles[1:4])
        return ["\n\n".join([opening, middles[0], points, closing, " ".join(tags[:3])]).strip()]
    if rules.key == "instagram":
        lines = [f"{EMOJI[tone]} {opening}", *middles[:2], closing, " ".join([*tags[:5], "#behindthescenes"])]
        return ["\n\n".join(lines)]
    last = " ".join(tags[: {"x": 1, "bluesky": 0}.get(rules.key, 2)])
    # As much as fits, starting with what cannot be left out.
    for parts in ((opening, middles[0], closing, last), (opening, middles[0], last), (opening, last)):
        text = " ".join(part for part in parts if part)
        if rules.fits(text, limits=limits):
            return [text]
    return [opening]


def topic(prompt: str) -> str:
    """The subject of a brief: its first sentence, without "Write a post about"."""
    first = re.split(r"(?<=[.!?])\s|\n", prompt.strip(), maxsplit=1)[0]
    for words in (_TASK_WORDS, _THREAD_WORDS):
        shorter = words.sub("", first, count=1)
        first = shorter if shorter.strip() else first
    first = first.strip().rstrip(".!?:;,")
    if len(first) > 120:
        first = first[:120].rsplit(" ", 1)[0] + "…"
    # A second colon would stumble over those of the templates.
    first = re.sub(r"\s*:\s+", ", ", first)
    # "New product launch" stands in the middle of sentences too; names and acronyms keep their capitals.
    word = first.split(" ", 1)[0]
    if word[1:].islower() and (word.lower() in _SMALL_WORDS or word.lower() in {"we", "our", "new"}):
        first = first[0].lower() + first[1:]
    return first or "news from us"


def hashtags_for(text: str) -> list[str]:
    """The words that carry a text, as hashtags in CamelCase, without repetition."""
    words = [word for word in re.findall(r"[^\W\d_]{4,}", text) if word.lower() not in _SMALL_WORDS]
    singles = [f"#{word[0].upper()}{word[1:]}" for word in words]
    pairs = [
        f"#{a.capitalize()}{b.capitalize()}" for a, b in pairwise(words) if f"{a} {b}" in text and len(a + b) <= 20
    ]
    said = pairs[0].lower() if pairs else ""
    return list(dict.fromkeys([*pairs[:1], *(single for single in singles if single[1:].lower() not in said)]))[:8]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _tokens(*texts: str) -> int:
    """About what a model would count, so that quotas behave as with one."""
    return sum(len(text) for text in texts) // 4 + 1


class _Chance:
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
