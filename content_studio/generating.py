"""From a brief to a draft: a post written by a provider, fitted to its network, kept as a revision."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.entitlements import Standing
from organizations.problems import NotFound
from publishing.models import Channel
from publishing.networks import rules_for

from .ai.fitting import fit
from .ai.metering import Run, begin, opaque_id
from .ai.models import Generation, voice_of
from .ai.prompts import Brief, question_for
from .ai.registry import provider_for
from .drafting import place_draft, segment


@dataclass(frozen=True)
class Event:
    """News of a post that is being written; `kind` is "started", "text", "correcting" or "done".

    `segments` are the texts so far; the last event carries the finished generation.
    """

    kind: str
    generation: Generation
    segments: tuple[str, ...] = ()


def generate_post(**asked: Any) -> Generation:
    """Writes a post and keeps it as a draft. Takes what `stream_post` takes; the generation knows its post."""
    *_before, last = stream_post(**asked, streaming=False)
    return last.generation


def stream_post(
    *,
    organization,
    user,
    network: str,
    tone: str,
    prompt: str,
    provider: str = "",
    language: str = "",
    link: str = "",
    source: str = "",
    voice: str = "",
    channels: Iterable[Channel] | None = None,
    variant: int = 0,
    streaming: bool = True,
    standing: Standing | None = None,
) -> Iterator[Event]:
    """Writes a post while telling how far it is.

    `network` is a key or alias of `publishing.networks`, `provider` a key of
    `ai.registry` (empty: the default), `source` text of a page to write about,
    which is never obeyed, `voice` the name of a brand voice (empty: the default
    one), `language` a code (empty: the voice's, or the organization's). Goes to
    `channels`, or to all connected channels of the network. `standing` is how the
    organization stands, for a caller who has just asked.

    Raises Forbidden, QuotaExceeded, UnknownNetwork, UnknownVoice,
    UnknownProvider, ProviderNotConfigured or a ProviderError; whatever is raised has cost nothing.
    """
    rules = rules_for(network)
    chosen = _channels(organization, rules.key, channels)
    spoken = voice_of(organization, voice)
    language = language or (spoken.language if spoken else "") or organization.locale
    brief = Brief(
        rules=rules,
        voice=spoken.as_voice() if spoken else None,
        tone=tone,
        prompt=prompt,
        language=language,
        link=link,
        source=source,
        limits=_tightest(rules, chosen),
        variant=variant,
    )
    run = begin(
        organization=organization,
        user=user,
        provider=provider_for(provider),
        question=question_for(brief, person=opaque_id(user)),
        standing=standing,
        network=rules.key,
        tone=tone,
        prompt=prompt,
        language=language,
        link=link,
        voice=spoken.name if spoken else "",
    )
    with run.or_fail():
        yield Event("started", run.generation)
        ask = run.provider.stream if streaming else run.provider.in_one_piece
        for kind, texts in fit(brief, run.question, ask=ask, budget=run.budget, fitted=run.fitted):
            yield Event(kind, run.generation, tuple(texts))
        _keep(run, brief, chosen)
    yield Event("done", run.generation, tuple(run.generation.segments))


def _keep(run: Run, brief: Brief, channels: list[Channel]) -> None:
    generation = run.generation
    texts = run.fitted.segments
    with transaction.atomic():
        # Whoever may generate may write; the role was asked for before the provider was.
        post = place_draft(
            organization=generation.organization,
            user=generation.user,
            segments=[
                segment(text, link={"url": brief.link} if brief.link and index == 0 else None)
                for index, text in enumerate(texts)
            ],
            channels=channels,
            language=generation.language,
        )
        run.finish(segments=texts, counts=[asdict(count) for count in brief.counts(texts)], post=post)


def _channels(organization, network: str, given: Iterable[Channel] | None) -> list[Channel]:
    mine = Channel.objects.for_organization(organization).filter(network=network)
    if given is None:
        return list(mine.filter(state=Channel.State.CONNECTED))
    wanted = {channel.pk for channel in given}
    found = list(mine.filter(pk__in=wanted))
    if len(found) < len(wanted):
        raise NotFound(_("One of the channels does not exist here, or is not on this network."))
    return found


def _tightest(rules, channels: list[Channel]) -> dict:
    """The limits of the channel that takes least: what fits it, fits all."""
    return min((channel.limits for channel in channels), key=rules.limit, default={})
