"""A message as the preview templates show it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from publishing.messages import Link, Media, Message, Poll
from publishing.networks import Count, Finding, NetworkRules, rules_for

from .text import ShownText, shown

AVATAR_COLOURS = 8  # classes of that number in previews.css


@dataclass(frozen=True)
class Author:
    """Who publishes: the channel, or somebody made up where there is none yet."""

    name: str
    handle: str

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words if len(words) < 3 else [words[0], words[-1]])).upper() or "?"

    @property
    def colour(self) -> int:
        return sum(map(ord, self.name)) % AVATAR_COLOURS


@dataclass(frozen=True)
class ShownMedia:
    kind: str
    url: str
    title: str
    alt: str
    needs_alt: bool
    width: int | None
    height: int | None
    position: str  # CSS object-position: the focal point stays in sight where the preview crops


@dataclass(frozen=True)
class ShownLink:
    url: str
    domain: str
    title: str
    description: str
    image: ShownMedia | None


@dataclass(frozen=True)
class ShownPoll:
    options: tuple[str, ...]
    duration: str


@dataclass(frozen=True)
class ShownPart:
    """One post of a thread, as readers see it, with what the editor needs to know about it."""

    text: ShownText
    media: list[ShownMedia]
    link: ShownLink | None
    poll: ShownPoll | None
    count: Count
    findings: list[Finding]
    is_last: bool

    @property
    def pictures(self) -> list[ShownMedia]:
        return [item for item in self.media if item.kind != "document"]

    @property
    def documents(self) -> list[ShownMedia]:
        return [item for item in self.media if item.kind == "document"]


@dataclass(frozen=True)
class ShownPost:
    """A whole message on one network. `template` draws it."""

    rules: NetworkRules
    author: Author
    parts: list[ShownPart]
    first_comment: ShownText | None
    content_warning: str
    language: str
    findings: list[Finding] = field(default_factory=list)  # about the post as a whole

    @property
    def visible_parts(self) -> list[ShownPart]:
        """What the network can show: of a thread only the first part where there are no threads."""
        return self.parts if self.rules.supports_threads else self.parts[:1]

    @property
    def template(self) -> str:
        return f"content_studio/previews/{self.rules.key}.html"


def show(message: Message, *, network: str, author: Author, limits: dict | None = None) -> ShownPost:
    """What readers of `network` will see of `message`, published by `author`."""
    rules = rules_for(network)
    findings = rules.check(message, limits=limits)
    parts = [
        ShownPart(
            text=shown(rules.text_of(segment), rules),
            media=[_media(item) for item in segment.media],
            link=_link(segment.link) if segment.link and rules.supports_link and not segment.media else None,
            poll=_poll(segment.poll) if segment.poll else None,
            count=rules.count_segment(message, index, limits=limits),
            findings=[finding for finding in findings if finding.segment == index],
            is_last=index == len(message.segments) - 1,
        )
        for index, segment in enumerate(message.segments)
    ]
    return ShownPost(
        rules=rules,
        author=author,
        parts=parts,
        first_comment=shown(message.first_comment, rules) if message.first_comment else None,
        content_warning=str(message.options.get("spoiler_text") or ""),
        language=message.language,
        findings=[finding for finding in findings if finding.segment is None],
    )


def _media(item: Media) -> ShownMedia:
    left, top = item.focal_point or (0.5, 0.5)
    return ShownMedia(
        kind=item.kind,
        url=default_storage.url(item.path),
        title=item.title or item.path.rsplit("/", 1)[-1],
        alt=item.alt,
        needs_alt=item.kind == "image" and not item.alt and not item.decorative,
        width=item.width,
        height=item.height,
        position=f"{left * 100:.0f}% {top * 100:.0f}%",
    )


def _link(link: Link) -> ShownLink:
    domain = (urlsplit(link.url).hostname or link.url).removeprefix("www.")
    return ShownLink(
        url=link.url,
        domain=domain,
        title=link.title or domain,
        description=link.description,
        image=_media(link.image) if link.image else None,
    )


def _poll(poll: Poll) -> ShownPoll:
    return ShownPoll(options=poll.options, duration=_duration(poll.minutes))


def _duration(minutes: int) -> str:
    """How long a poll is still open, as networks say it: in its largest whole unit."""
    if minutes >= 24 * 60:
        days = minutes // (24 * 60)
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    if minutes >= 60:
        hours = minutes // 60
        return ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": hours}
    return ngettext("%(n)s minute left", "%(n)s minutes left", minutes) % {"n": minutes}


def sample_author() -> Author:
    return Author(name=_("Your channel"), handle="yourchannel")
