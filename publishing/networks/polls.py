"""What a poll may be, and what is found in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from ..messages import Poll, Segment
from . import text as texts
from .findings import Finding


@dataclass(frozen=True)
class PollRules:
    """What a poll may be. Times in minutes."""

    max_option_length: int
    min_minutes: int
    max_minutes: int
    min_options: int = 2
    max_options: int = 4


class ChecksPolls:
    """The part of a network's rules that is about polls."""

    name: ClassVar[str]
    poll: ClassVar[PollRules | None]

    def poll_rules(self, limits: dict | None) -> PollRules | None:
        """The rules for polls on an account with these limits; none where there are no polls."""
        return self.poll

    def check_poll(self, segment: Segment, index: int, *, limits: dict | None = None) -> Iterator[Finding]:
        rules, poll = self.poll_rules(limits), segment.poll
        if poll is None:
            return
        if rules is None:
            yield Finding(
                "poll_unsupported",
                _("A poll cannot be sent to %(network)s.") % {"network": self.name},
                _("Remove the poll for %(network)s.") % {"network": self.name},
                index,
            )
            return
        yield from self._check_poll_options(poll, index, rules)
        if not rules.min_minutes <= poll.minutes <= rules.max_minutes:
            yield Finding(
                "poll_duration",
                _("The poll runs for %(minutes)s minutes; %(network)s takes %(least)s to %(most)s.")
                % {
                    "minutes": poll.minutes,
                    "network": self.name,
                    "least": rules.min_minutes,
                    "most": rules.max_minutes,
                },
                _("Choose another duration."),
                index,
            )
        if segment.media:
            yield Finding(
                "poll_with_media",
                _("%(network)s takes a poll or media in one post, not both.") % {"network": self.name},
                _("Remove the media or the poll from this segment."),
                index,
            )
        if not segment.text.strip():
            yield Finding("poll_without_text", _("The poll has no question."), _("Write it as the text."), index)

    def _check_poll_options(self, poll: Poll, index: int, rules: PollRules) -> Iterator[Finding]:
        if not rules.min_options <= len(poll.options) <= rules.max_options:
            yield Finding(
                "poll_options",
                _("The poll has %(found)s options; %(network)s takes %(least)s to %(most)s.")
                % {
                    "found": len(poll.options),
                    "network": self.name,
                    "least": rules.min_options,
                    "most": rules.max_options,
                },
                _("Add or remove options."),
                index,
            )
        for option in poll.options:
            if not option.strip():
                yield Finding(
                    "poll_option_empty", _("An option of the poll is empty."), _("Write or remove it."), index
                )
            elif (length := texts.grapheme_count(option)) > rules.max_option_length:
                yield Finding(
                    "poll_option_too_long",
                    _("The option “%(option)s” has %(value)s characters; %(network)s takes %(limit)s.")
                    % {
                        "option": option,
                        "value": length,
                        "network": self.name,
                        "limit": rules.max_option_length,
                    },
                    _("Shorten the option."),
                    index,
                )
        if len(set(poll.options)) < len(poll.options):
            yield Finding("poll_option_twice", _("Two options of the poll are the same."), _("Change one."), index)
