"""What each channel would say to a revision, before anything is sent."""

from dataclasses import dataclass

from publishing.models import Channel
from publishing.networks import rules_for

from .messages import messages_for


@dataclass(frozen=True)
class Readiness:
    """One channel, and what its network would refuse (`blocking`) or an editor should know."""

    channel: Channel
    findings: tuple

    @property
    def blocked(self) -> bool:
        return any(finding.blocking for finding in self.findings)


def readiness_of(content, *, without=frozenset()) -> list[Readiness]:
    """One entry per channel of a revision's content, leaving out the channels with ids in `without`."""
    return [
        Readiness(channel, tuple(rules_for(channel.network).check(message, limits=channel.limits)))
        for channel, message in messages_for(content).items()
        if channel.pk not in without
    ]
