"""A provider without a model: builds readable texts from templates, so that everything can be tried without a key.

The same brief gives the same text; another tone, network, variant or prompt gives another.
"""

import re
import time
from collections.abc import Iterator

from django.utils.translation import gettext as _

from . import demo_tasks
from .base import Answer, NotOffered, Provider, Question
from .demo_texts import CLOSINGS, EMOJI, MIDDLES, OPENINGS
from .demo_words import SMALL_WORDS, Chance, hashtags_for

# What a brief says about writing rather than about the subject.
_TASK_WORDS = re.compile(
    r"^(?:please\s+)?(?:(?:can|could) you\s+)?(?:write|create|draft|make|generate|compose|prepare)\s+(?:me\s+|us\s+)?"
    r"(?:an?\s+|the\s+)?(?:\w+\s+){0,2}?(?:post|posts|tweet|tweets|thread|caption|text|update|announcement)?\s*"
    r"(?:of \w+ posts\s+)?(?:about|on|for|announcing|that announces|to announce|saying that|:)\s+",
    re.IGNORECASE,
)
_THREAD_WORDS = re.compile(r"^(?:an?\s+)?(?:\w+[- ]part\s+)?threads?\s+(?:about|on|for)\s+", re.IGNORECASE)


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
        facts = dict(question.facts)
        task = facts.pop("task", None)
        if task == "write":
            return {"segments": _post(**facts)}
        if task in demo_tasks.TASKS:
            return demo_tasks.TASKS[task](**facts)
        raise NotOffered(
            _(
                "The demo cannot do this: it takes a model. Choose another AI provider; where there is none, "
                "whoever runs the server has to set OPENAI_API_KEY or GEMINI_API_KEY."
            )
        )


def _post(*, rules, tone, prompt, limits, thread, variant, **_unused) -> list[str]:
    """A post on the subject of `prompt`, as long as is usual on the network."""
    chance = Chance(prompt, tone, rules.key, variant)
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
    if word[1:].islower() and (word.lower() in SMALL_WORDS or word.lower() in {"we", "our", "new"}):
        first = first[0].lower() + first[1:]
    return first or "news from us"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _tokens(*texts: str) -> int:
    """About what a model would count, so that quotas behave as with one."""
    return sum(len(text) for text in texts) // 4 + 1
