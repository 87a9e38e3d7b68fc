"""Makes what a model wrote fit: back to the model with what is wrong, a few times, then cut.

The counter is the network's own (`publishing.networks`), the same that checks
and sends. What leaves this module fits, whatever the model did.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pydantic_core
from django.utils import translation
from django.utils.translation import gettext as _

from publishing.networks import text as texts
from publishing.networks.fitting import cut_to_fit

from .base import Answer, Malformed, Question, Turn
from .prompts import MOST_SEGMENTS, Brief

# How many times a draft goes back to the model.
MOST_CORRECTIONS = 2


@dataclass
class Fitted:
    """Texts that fit, with how they came to be. `exchanges` holds every question and answer, in order."""

    segments: list[str] = field(default_factory=list)
    shortened: bool = False  # cut here, because the model did not make it fit
    model: str = ""
    provider_tokens: int = 0
    exchanges: list[dict] = field(default_factory=list)


# Answers a question in pieces: the answer's text as it grows, then the Answer.
Ask = Callable[[Question], Iterable[str | Answer]]


def fit(brief: Brief, question: Question, *, ask: Ask, budget: int, fitted: Fitted) -> Iterator[tuple[str, list[str]]]:
    """Asks until the draft fits `brief`, then cuts what still does not; the result is in `fitted`.

    Yields what can be shown meanwhile: ("text", texts so far), and ("correcting",
    texts) when a draft goes back. `budget` bounds what is spent, in the provider's
    tokens: no correction is asked for that could pass it.
    """
    for correction in range(MOST_CORRECTIONS + 1):
        so_far = ""
        for piece in ask(question):
            if isinstance(piece, Answer):
                answer = piece
            else:
                so_far += piece
                yield "text", _readable(so_far)
        fitted.exchanges.append(exchange(question, answer))
        fitted.provider_tokens += answer.tokens
        fitted.model = answer.model
        fitted.segments = tidy(answer.content.segments, brief)
        wrong = list(complaints(fitted.segments, brief))
        if not wrong:
            return
        question = question.followed_by(Turn("assistant", answer.text), Turn("user", _correction(wrong)))
        if correction == MOST_CORRECTIONS or fitted.provider_tokens + question.most_tokens() > budget:
            break
        yield "correcting", fitted.segments
    fitted.segments, fitted.shortened = cut(fitted.segments, brief)
    if not fitted.segments:
        raise Malformed(_("The AI provider wrote no text. Try again, or say more in the prompt."))


def _readable(json_so_far: str) -> list[str]:
    """The texts in an answer that is still being written."""
    try:
        data = pydantic_core.from_json(json_so_far, allow_partial="trailing-strings")
    except ValueError:
        return []
    texts = data.get("segments", []) if isinstance(data, dict) else []
    return [each for each in texts if isinstance(each, str)]


def tidy(segments: list[str], brief: Brief) -> list[str]:
    """The texts without what nobody wants: empty ones, spaces around, the link that is added anyway."""
    if brief.link:
        segments = [segment.replace(brief.link, "") for segment in segments]
    kept = [text for text in (re.sub(r"[ \t]+\n", "\n", segment).strip() for segment in segments) if text]
    if len(kept) > 1 and not brief.wants_thread:
        kept = ["\n\n".join(kept)]
    return kept[:MOST_SEGMENTS]


def complaints(segments: list[str], brief: Brief) -> Iterator[str]:
    """What the model has to mend, each a sentence with the figures it needs."""
    if not segments:
        yield "There is no text. Write the post."
    message = brief.message([brief.ended(text) for text in segments])
    with translation.override("en"):
        for index, text in enumerate(segments):
            for finding in brief.rules.check_text(message, index, limits=brief.limits):
                if finding.blocking:
                    yield f"Segment {index + 1}: {finding.message} {finding.fix} Keep whole sentences."
            for word in brief.voice.banned_in(text) if brief.voice else ():
                yield f"Segment {index + 1} uses “{word}”, which this brand never says: put it another way."
            for stranger in strangers(text, brief):
                yield f"Segment {index + 1} contains “{stranger}”, which the brief does not: leave it out."


def cut(segments: list[str], brief: Brief) -> tuple[list[str], bool]:
    """The texts cut to what fits, and whether anything had to be cut."""
    kept, shortened = [], False
    for index, text in enumerate(segments):
        honest = _without_too_many_hashtags(without_strangers(text, brief), brief)
        short = cut_to_fit(honest, partial(brief.fits, index=index))
        shortened = shortened or short != honest
        if short:
            kept.append(short)
    return kept, shortened


def strangers(text: str, brief: Brief) -> list[str]:
    """Links and mentions in `text` that nobody asked for: invented, or smuggled in through material."""
    known = {_bare(each) for each in _references(brief.vouched_for)}
    return [each for each in _references(text) if _bare(each) not in known]


def without_strangers(text: str, brief: Brief) -> str:
    """`text` without the sentences that bring strange links, and with strange mentions as plain names."""
    found = strangers(text, brief)
    for mention in (each for each in found if each[0] in "@＠"):
        text = text.replace(mention, mention[1:])
    addresses = [each for each in found if each[0] not in "@＠"]
    sentences = _SENTENCES.split(text)
    honest = [each for each in sentences if not any(address in each for address in addresses)]
    text = "".join(honest)
    if not text.strip():
        text = "".join(sentences)
        for address in addresses:
            text = text.replace(address, "")
    return re.sub(r"[ \t]{2,}", " ", text).strip()


# Keeps what separates the sentences, so that joined they are the text again.
_SENTENCES = re.compile(r"((?<=[.!?…])\s+|\n+)")
_WITH_PROTOCOL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]", re.IGNORECASE)


def _references(text: str) -> list[str]:
    """Every address and mention in `text`."""
    linked = [text[start:end] for start, end in texts.urls(text, without_protocol=True)]
    return list(dict.fromkeys([*_WITH_PROTOCOL.findall(text), *linked, *texts.mentions(text)]))


def _bare(reference: str) -> str:
    return re.sub(r"^(https?://)?(www\.)?", "", reference.lower()).rstrip("/")


def _without_too_many_hashtags(text: str, brief: Brief) -> str:
    """The last hashtags lose their sign where the network refuses so many."""
    most = brief.rules.max_hashtags
    if most is not None:
        for tag in texts.hashtags(text)[max(0, most - len(texts.hashtags(brief.ending))) :]:
            before, _, after = text.rpartition(tag)
            text = before + tag[1:] + after
    return text


def _correction(wrong: list[str]) -> str:
    return "This does not fit yet.\n" + "\n".join(f"- {each}" for each in wrong) + "\nAnswer with the whole post again."


def exchange(question: Question, answer: Answer) -> dict:
    """One question and its answer, for the record. The instructions stand in the first one only."""
    return {
        **({"instructions": question.instructions} if len(question.turns) == 1 else {}),
        "asked": question.turns[-1].text,
        "answered": answer.text,
        "model": answer.model,
        "input_tokens": answer.input_tokens,
        "output_tokens": answer.output_tokens,
    }
