"""What the demo can do with a text that is there: rearrange it by rule, without understanding it."""

import re
from collections.abc import Callable

from .demo_texts import CLOSINGS, MIDDLES, OPENINGS
from .demo_words import Chance, hashtags_for

_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+|$|(?=\n))")


def rewrite(*, prompt, tone, **facts) -> dict:
    """Another first line, then the text without its own where it has more to say."""
    sentences, tags = _taken_apart(prompt)
    body = sentences[1:] + sentences[:1] if len(sentences) > 1 else sentences
    return _whole([*body, Chance(prompt, tone).pick(CLOSINGS.get(tone, CLOSINGS["casual"]))], tags, **facts)


def tone(*, prompt, tone, **facts) -> dict:
    """The text between a first and a last line of the tone."""
    sentences, tags = _taken_apart(prompt)
    chance, tone = Chance(prompt, tone), tone if tone in CLOSINGS else "professional"
    return _whole([*sentences, chance.pick(MIDDLES[tone]), chance.pick(CLOSINGS[tone])], tags, **facts)


def expand(*, prompt, tone, **facts) -> dict:
    sentences, tags = _taken_apart(prompt)
    return _whole([*sentences, *Chance(prompt).order(MIDDLES.get(tone, MIDDLES["professional"]))[:2]], tags, **facts)


def shorten(*, prompt, rules, limits, **_facts) -> dict:
    """The first sentences: as many as fit, and fewer than there are."""
    sentences, tags = _taken_apart(prompt)
    kept = sentences[: max(1, len(sentences) * 2 // 3)]
    while len(kept) > 1 and not rules.fits(_joined(kept, tags), limits=limits):
        kept.pop()
    return {"segments": [rules.truncate(_joined(kept, tags), limits)]}


def thread(*, prompt, rules, limits, **_facts) -> dict:
    """The sentences in order, as many in each segment as make good reading and fit."""
    sentences, tags = _taken_apart(prompt)
    # Half full is enough, and one segment is no thread.
    enough = min(rules.limit(limits), len(prompt)) / 2
    segments = [""]
    for sentence in [*sentences, *([" ".join(tags)] if tags else [])]:
        longer = f"{segments[-1]} {sentence}".strip()
        if segments[-1] and (len(longer) > enough or not rules.fits(longer, limits=limits)):
            segments.append(sentence)
        else:
            segments[-1] = longer
    return {"segments": [rules.truncate(each, limits) for each in segments]}


def hashtags(*, prompt, **_facts) -> dict:
    return {"suggestions": hashtags_for(prompt) or ["#News"]}


def hooks(*, prompt, tone, **_facts) -> dict:
    subject = (_taken_apart(prompt)[0] or [prompt])[0].strip().rstrip(".!?…")[:60]
    openings = OPENINGS.get(tone) or OPENINGS["educational"]
    lines = [each.format(topic=subject) for each in Chance(prompt).order(openings)[:5]]
    return {"suggestions": [line[0].upper() + line[1:] for line in lines]}


TASKS: dict[str, Callable[..., dict]] = {
    "rewrite": rewrite,
    "tone": tone,
    "expand": expand,
    "shorten": shorten,
    "thread": thread,
    "hashtags": hashtags,
    "hooks": hooks,
}


def _taken_apart(text: str) -> tuple[list[str], list[str]]:
    """The sentences of a text, and the hashtags at its end."""
    words = text.split()
    tags: list[str] = []
    while words and words[-1].startswith("#"):
        tags.insert(0, words.pop())
        text = text[: text.rindex(tags[0])]
    return [each.strip() for each in _SENTENCE.findall(text) if each.strip()], tags


def _joined(sentences: list[str], tags: list[str]) -> str:
    return " ".join([*sentences, *tags])


def _whole(sentences: list[str], tags: list[str], *, rules, limits, **_facts) -> dict:
    """One segment; what was added at the end goes first where there is no room."""
    while len(sentences) > 1 and not rules.fits(_joined(sentences, tags), limits=limits):
        sentences = sentences[:-1]
    return {"segments": [_joined(sentences, tags)]}
