"""What each channel would say to a post before it is sent: the network's own rules, and a careful editor's.

A blocking finding keeps a post from being scheduled, never from being saved.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from publishing.messages import Message, Segment
from publishing.models import Channel
from publishing.networks import Count, Finding, NetworkRules, rules_for
from publishing.networks.text import hashtags, urls

from .ai.models import Generation, voice_of
from .ai.voices import Voice
from .guidelines import Guidelines, guidelines_of
from .lookups import addresses_in, known_of
from .messages import messages_for
from .tagging import without_tags

# What drafts, human or not, leave behind when somebody meant to fill it in.
_TO_FILL_IN = re.compile(
    r"\[(?:insert|your|link|name|company|product|date|url|add)\b[^\]\n]{0,60}\]"
    r"|\{\{[^}\n]{1,60}\}\}|<(?:insert|your|link|name)\b[^>\n]{0,60}>|\blorem ipsum\b|(?-i:\bTODO:)",
    re.IGNORECASE,
)
_RESERVED_HOSTS = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|localhost|test|invalid|example|local)$")
_AFFILIATE_PARAMETERS = {"aff", "affid", "aff_id", "affiliate", "affiliate_id", "tag", "partner_id", "irclickid"}
_DISCLOSURES = {"#ad", "#anzeige", "#werbung", "#sponsored", "#publi", "#annonce", "#reklam", "#affiliate", "#partner"}
_DISCLOSING_WORDS = re.compile(r"\b(?:sponsored|paid partnership|affiliate|anzeige|werbung)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ChannelCheck:
    """One channel, what it is to publish, how long each segment is there, and what was found."""

    channel: Channel
    message: Message
    counts: tuple[Count, ...]
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> bool:
        return any(finding.blocking for finding in self.findings)

    @property
    def threaded(self) -> bool:
        return len(self.message.segments) > 1

    @property
    def rules(self) -> NetworkRules:
        return rules_for(self.channel.network)


@dataclass(frozen=True)
class Report:
    """The checks of all channels, with what every one of them would say taken out and said once."""

    checks: tuple[ChannelCheck, ...]
    common: tuple[Finding, ...]

    @classmethod
    def of(cls, checks: list[ChannelCheck]) -> "Report":
        if len(checks) < 2:
            return cls(tuple(checks), ())
        first, *others = checks
        common = tuple(finding for finding in first.findings if all(finding in other.findings for other in others))
        return cls(
            tuple(
                replace(check, findings=tuple(finding for finding in check.findings if finding not in common))
                for check in checks
            ),
            common,
        )

    @property
    def threaded(self) -> bool:
        return any(check.threaded for check in self.checks)

    @property
    def problems(self) -> int:
        """How many blocking findings there are to read."""
        return sum(
            finding.blocking
            for findings in (self.common, *(check.findings for check in self.checks))
            for finding in findings
        )


def checks_of(content, *, without=frozenset()) -> list[ChannelCheck]:
    """One entry per channel of a revision's content, leaving out the channels with ids in `without`."""
    messages = {channel: message for channel, message in messages_for(content).items() if channel.pk not in without}
    return check_messages(messages, post=content)


def check_messages(messages: dict[Channel, Message], *, post) -> list[ChannelCheck]:
    """Everything there is to say about what `post` is to say on each channel."""
    if not messages:
        return []
    house = HouseRules.of(post)
    return [_check(channel, message, house) for channel, message in messages.items()]


@dataclass(frozen=True)
class HouseRules:
    """What the organization asks of a post, and what is known of its links."""

    voice: Voice | None = None
    guidelines: Guidelines = field(default_factory=Guidelines)
    by_ai: bool = False
    broken: frozenset[str] = frozenset()  # addresses as they were written

    @classmethod
    def of(cls, post) -> "HouseRules":
        organization = post.organization
        if organization is None:
            return cls()
        voice, guidelines = voice_of(organization), guidelines_of(organization)
        known = known_of(organization, addresses_in(post))
        return cls(
            voice=voice.as_voice() if voice else None,
            guidelines=guidelines,
            by_ai=bool(guidelines.ai_label and post.pk) and Generation.objects.filter(post_id=post.pk).exists(),
            broken=frozenset(address for address, lookup in known.items() if lookup.is_broken),
        )

    def is_broken(self, address: str) -> bool:
        """`address` may carry link tags by now."""
        return any(address == each or without_tags(address) == without_tags(each) for each in self.broken)


def _check(channel: Channel, message: Message, house: HouseRules) -> ChannelCheck:
    rules = rules_for(channel.network)
    counts = tuple(rules.count_segment(message, index, limits=channel.limits) for index in range(len(message.segments)))
    findings = [*rules.check(message, limits=channel.limits), *editorial_findings(message, rules, house)]
    return ChannelCheck(channel, message, counts, tuple(findings))


def editorial_findings(message: Message, rules: NetworkRules, house: HouseRules | None = None) -> Iterator[Finding]:
    """What no network refuses, and a careful editor would not let pass."""
    house = house or HouseRules()
    voice = house.voice
    for index, segment in enumerate(message.segments):
        if match := _TO_FILL_IN.search(segment.text):
            yield Finding(
                "to_fill_in",
                _("“%(passage)s” looks as if something was to be filled in.") % {"passage": match[0]},
                _("Write what belongs there, or remove it."),
                index,
            )
        if voice:
            for word in voice.banned_in(segment.text):
                yield Finding(
                    "banned_word",
                    _("“%(word)s” is banned by your brand voice “%(voice)s”.") % {"word": word, "voice": voice.name},
                    _("Say it in other words."),
                    index,
                )
        for address in _addresses(segment, rules):
            yield from _check_address(address, index)
            if house.is_broken(address):
                yield Finding(
                    "link_broken",
                    _("Nothing that readers could see answers at %(address)s.") % {"address": address},
                    _("Open it, and correct it if it is wrong. It is looked up again a day after."),
                    index,
                    blocking=False,
                )
    yield from _house_findings(message, house)
    if _is_affiliate(message, rules) and not _discloses(message):
        yield Finding(
            "disclosure_missing",
            _("A link looks like an affiliate link, and nothing says so."),
            _("Add a disclosure that your readers understand, such as #ad."),
            blocking=False,
        )


def _house_findings(message: Message, house: HouseRules) -> Iterator[Finding]:
    guidelines = house.guidelines
    text = "\n".join([*(segment.text for segment in message.segments), message.first_comment])
    named = [name for name in guidelines.partner_names if _names(text, name)]
    if named and not _discloses(message):
        yield Finding(
            "partnership_undisclosed",
            _("“%(name)s” is a paid partner, and nothing says so.") % {"name": named[0]},
            _("Add a disclosure that your readers understand, such as #ad."),
            blocking=guidelines.blocks,
        )
    if house.by_ai and guidelines.ai_label.lower() not in text.lower():
        yield Finding(
            "ai_label_missing",
            _("This was written with AI, and the label “%(label)s” is missing.") % {"label": guidelines.ai_label},
            _("Add %(label)s.") % {"label": guidelines.ai_label},
            blocking=guidelines.blocks,
        )
    if guidelines.most_hashtags is not None:
        for index, segment in enumerate(message.segments):
            count = len(hashtags(segment.text))
            if count > guidelines.most_hashtags:
                yield Finding(
                    "too_many_hashtags_here",
                    _("%(count)s hashtags; your guidelines say at most %(most)s.")
                    % {"count": count, "most": guidelines.most_hashtags},
                    _("Keep those that your readers follow."),
                    index,
                    blocking=False,
                )


def _names(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE))


def _addresses(segment: Segment, rules: NetworkRules) -> list[str]:
    found = [segment.text[start:end] for start, end in urls(segment.text)]
    if segment.link and rules.supports_link:
        found.append(segment.link.url)
    return list(dict.fromkeys(found))


def _check_address(address: str, index: int) -> Iterator[Finding]:
    host = (urlsplit(address).hostname or "").lower()
    if _RESERVED_HOSTS.search(host) or "." not in host:
        yield Finding(
            "link_leads_nowhere",
            _("The link %(address)s leads nowhere on the internet.") % {"address": address},
            _("Replace it with the real address."),
            index,
            blocking=False,
        )
    elif address.lower().startswith("http://"):
        yield Finding(
            "link_not_secure",
            _("The link %(address)s is not encrypted; browsers warn of such pages.") % {"address": address},
            _("Use its https:// address if there is one."),
            index,
            blocking=False,
        )


def _is_affiliate(message: Message, rules: NetworkRules) -> bool:
    return any(
        _AFFILIATE_PARAMETERS & {name.lower() for name in parse_qs(urlsplit(address).query)}
        for segment in message.segments
        for address in _addresses(segment, rules)
    )


def _discloses(message: Message) -> bool:
    text = " ".join(segment.text for segment in message.segments)
    return bool(_DISCLOSING_WORDS.search(text) or _DISCLOSURES & {tag.lower() for tag in hashtags(text)})
