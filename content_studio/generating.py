"""From a brief to a draft: a post written by a provider, fitted to its network, kept as a revision."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from organizations.models import LibraryImage
from organizations.problems import NotFound
from organizations.roles import Action, require
from publishing.models import Channel
from publishing.networks import rules_for

from .ai.fitting import fit
from .ai.metering import Run, begin, opaque_id
from .ai.models import Generation, voice_of
from .ai.pictures import as_picture
from .ai.prompts import TONES, Brief, question_for
from .ai.registry import provider_for
from .drafting import place_draft, segment
from .library import instruction_of
from .models import SocialPost
from .reading import read_page

MOST_VARIANTS = 4
MOST_AT_ONCE = 8  # drafts that one brief may ask for: no more than a person would wait for


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
    card: dict | None = None,
    read_link: bool = False,
    source: str = "",
    image: LibraryImage | None = None,
    voice: str = "",
    ending: str = "",
    link_tags: str = "",
    channels: Iterable[Channel] | None = None,
    variant: int = 0,
    page: int | None = None,
    keep: bool = True,
    streaming: bool = True,
) -> Iterator[Event]:
    """Writes a post while telling how far it is.

    `network` is a key or alias of `publishing.networks`, `tone` everybody's or the organization's own,
    `provider` a key of `ai.registry` (empty: the default), `voice` the name of a brand voice (empty: the
    default one), `language` a code (empty: the voice's, or the organization's). With `read_link` the page
    behind `link` is read; like `source`, text of a page to write about, it is never obeyed. `image` goes
    with the post, and is looked at by providers that can. `ending` (hashtags, a signature) is added to the
    last text, `link_tags` to its links. `card` says what the link's card shows, `page` which page of the
    site the post promotes. Goes to `channels`, or to all connected channels of the network. Without `keep`
    nothing becomes a post until `keep_generation`.

    Raises Forbidden, QuotaExceeded, UnknownNetwork, UnknownVoice, CannotBeRead,
    UnknownProvider, ProviderNotConfigured or a ProviderError; whatever is raised has cost nothing.
    """
    rules = rules_for(network)
    if read_link:  # whoever may not write lets this server read nothing
        require(user, Action.GENERATE, organization=organization)
    chosen = _channels(organization, rules.key, channels)
    spoken = voice_of(organization, voice)
    language = language or (spoken.language if spoken else "") or organization.locale
    writer = provider_for(provider)
    if link and read_link and not source:
        source = read_page(link).material
    brief = Brief(
        rules=rules,
        voice=spoken.as_voice() if spoken else None,
        tone=tone if tone in TONES else instruction_of(organization, tone),
        prompt=prompt,
        language=language,
        link=link,
        source=source,
        limits=_tightest(rules, chosen),
        variant=variant,
        ending=ending,
        link_tags=link_tags,
        pictured=bool(image and writer.sees_pictures),
    )
    picture = as_picture(image) if brief.pictured else None
    run = begin(
        organization=organization,
        user=user,
        provider=writer,
        question=question_for(brief, person=opaque_id(user), picture=picture),
        network=rules.key,
        tone=tone,
        prompt=prompt,
        language=language,
        link=link,
        voice=spoken.name if spoken else "",
        variant=variant,
        besides={
            "channels": [str(channel.pk) for channel in chosen],
            "image": image.pk if image else None,
            "card": card or {},
            "link_tags": link_tags,
            "page": page,
        },
    )
    with run.or_fail():
        yield Event("started", run.generation)
        ask = run.provider.stream if streaming else run.provider.in_one_piece
        for kind, texts in fit(brief, run.question, ask=ask, budget=run.budget, fitted=run.fitted):
            yield Event(kind, run.generation, tuple(texts))
        _finish(run, brief, chosen if keep else None)
    yield Event("done", run.generation, tuple(run.generation.segments))


def _finish(run: Run, brief: Brief, channels: list[Channel] | None) -> None:
    """Keeps the texts, as a draft for `channels` where there are any to be had."""
    generation = run.generation
    *before, last = run.fitted.segments
    texts = [*before, brief.ended(last)]
    counts = [asdict(count) for count in brief.counts(texts)]
    with transaction.atomic():
        # Whoever may generate may write; the role was asked for before the provider was.
        post = None if channels is None else _place(generation, texts, user=generation.user, channels=channels)
        run.finish(segments=texts, counts=counts, post=post)


@transaction.atomic
def keep_generation(generation: Generation, *, user) -> SocialPost:
    """Makes a draft of what was written. Again it answers with the same draft. Raises Forbidden."""
    require(user, Action.WRITE, organization=generation.organization)
    generation = Generation.objects.select_for_update(of=("self",)).get(pk=generation.pk)
    if generation.state != Generation.State.DONE or generation.task != "write":
        raise NotFound(_("There is no text here that could become a post."))
    if generation.post is None:
        mine = Channel.objects.for_organization(generation.organization)
        channels = list(mine.filter(pk__in=map(UUID, generation.besides.get("channels", []))))
        post = _place(generation, generation.segments, user=user, channels=channels)
        generation.post, generation.revision_id = post, post.latest_revision_id
        generation.save(update_fields=["post", "revision_id"])
    return generation.post


def _place(generation: Generation, texts: list[str], *, user, channels: list[Channel]) -> SocialPost:
    """A draft with `texts` and what goes with them."""
    from . import promoting

    besides, media = generation.besides, []
    if besides.get("image"):
        images = LibraryImage.objects.filter(organization=generation.organization, pk=besides["image"])
        media = [("image", {"image": image, "alt": "", "decorative": False}) for image in images]
    link = {**(besides.get("card") or {}), "url": generation.link} if generation.link else None
    post = place_draft(
        organization=generation.organization,
        user=user,
        segments=[
            segment(text, media=media if index == 0 else (), link=link if index == 0 else None)
            for index, text in enumerate(texts)
        ],
        channels=channels,
        language=generation.language,
        link_tags=besides.get("link_tags", ""),
    )
    if besides.get("page"):
        promoting.remember(post, page_id=besides["page"])
    return post


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
