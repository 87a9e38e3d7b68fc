"""Help with a text that is there already: suggestions that a person accepts or refuses. Changes no post."""

from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from organizations.problems import Problem
from publishing.networks import rules_for
from publishing.networks import text as texts

from ..library import instruction_of
from .base import Provider, Question
from .fitting import Fitted, exchange, fit, strangers
from .metering import begin, opaque_id
from .models import Generation
from .pictures import as_picture
from .prompts import TONES, Brief
from .registry import provider_for
from .tasks import DESCRIBE, TASKS, Task, question_about, question_about_picture
from .voices import Voice


class UnknownTask(Problem):
    slug = "ai-task-unknown"
    title = "No such task"


class NothingToWorkOn(Problem):
    slug = "ai-no-text"
    title = "There is no text to work on"


class NoThreads(Problem):
    slug = "ai-no-threads"
    title = "This network has no threads"


def assist(
    *,
    organization,
    user,
    task: str,
    network: str,
    text: str,
    tone: str = "",
    language: str = "",
    wish: str = "",
    link: str = "",
    limits: dict | None = None,
    voice: Voice | None = None,
    provider: str = "",
) -> Generation:
    """Does `task` (a key of `tasks.TASKS`) with `text`. What came of it is in the generation's `segments`.

    Text that takes the place of the old one fits the network; hashtags and
    first lines are to choose from. Without `language` the text keeps its own.

    Raises UnknownTask, NothingToWorkOn, NoThreads, and what `generating.stream_post`
    raises; whatever is raised has cost nothing.
    """
    chosen = TASKS.get(task)
    if chosen is None:
        raise UnknownTask(
            _("There is no task “%(task)s”. Choose one of: %(known)s.") % {"task": task, "known": ", ".join(TASKS)}
        )
    if not text.strip():
        raise NothingToWorkOn(_("Write a text first; then it can be worked on."))
    rules = rules_for(network)
    if chosen.thread and not rules.supports_threads:
        raise NoThreads(_("%(network)s has no threads. Choose “Shorten to fit” instead.") % {"network": rules.name})
    brief = Brief(
        rules=rules,
        tone=tone if tone in TONES else instruction_of(organization, tone),
        prompt=wish,
        language=language,
        link=link,
        limits=limits or {},
        original=text,
        thread=chosen.thread,
        voice=voice,
    )
    question = question_about(chosen, brief, person=opaque_id(user))
    return _run(
        chosen, brief, question, organization=organization, user=user, provider=provider_for(provider), tone=tone
    )


def describe_picture(
    *,
    organization,
    user,
    image,
    network: str,
    language: str = "en",
    beside: str = "",
    voice: Voice | None = None,
    provider: str = "",
) -> Generation:
    """An alternative text for `image` (a LibraryImage), in `segments`; `beside` is the text that it belongs to."""
    rules = rules_for(network)
    brief = Brief(rules=rules, tone="", prompt="", language=language, original=beside, voice=voice)
    question = question_about_picture(brief, as_picture(image), limit=_alt_limit(rules), person=opaque_id(user))
    return _run(DESCRIBE, brief, question, organization=organization, user=user, provider=provider_for(provider))


def _run(
    task: Task, brief: Brief, question: Question, *, organization, user, provider: Provider, tone: str = ""
) -> Generation:
    run = begin(
        organization=organization,
        user=user,
        provider=provider,
        question=question,
        task=task.key,
        network=brief.rules.key,
        tone=tone,
        prompt=brief.prompt or str(task.label),
        language=brief.language,
        link=brief.link,
        voice=brief.voice.name if brief.voice else "",
    )
    with run.or_fail():
        counts = []
        if task.replaces:
            list(fit(brief, question, ask=provider.in_one_piece, budget=run.budget, fitted=run.fitted))
            counts = [asdict(count) for count in brief.counts(run.fitted.segments)]
        else:
            _choose(task, brief, question, provider, run.fitted)
        with transaction.atomic():
            return run.finish(segments=run.fitted.segments, counts=counts)


def _choose(task: Task, brief: Brief, question: Question, provider: Provider, fitted: Fitted) -> None:
    """One answer without corrections: what cannot be used is left out."""
    answer = provider.ask(question)
    fitted.exchanges.append(exchange(question, answer))
    fitted.provider_tokens += answer.tokens
    fitted.model = answer.model
    if task is DESCRIBE:
        limit = _alt_limit(brief.rules)
        text = " ".join(answer.content.text.split())
        fitted.segments = [text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"]
        fitted.shortened = fitted.segments[0] != text
        return
    offered = [" ".join(each.split()) for each in answer.content.suggestions]
    if task.key == "hashtags":
        offered = ["#" + "".join(character for character in each if character.isalnum()) for each in offered]
    there = {tag.lower() for tag in texts.hashtags(brief.original)}
    kept = [each for each in offered if len(each) > 1 and each.lower() not in there and not strangers(each, brief)]
    fitted.segments = list(dict.fromkeys(kept))[:8]


def _alt_limit(rules) -> int:
    # The block in the editor takes no more than 1,000 characters.
    return min(rules.media.alt_limit, 1000)
