"""What every adapter promises."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from publishing.messages import Message, Published, PublishedSegment, Segment
from publishing.models import Channel
from publishing.networks import NetworkRules, rules_for

from .wire import Wire

OnProgress = Callable[[PublishedSegment], None]


def nothing(segment: PublishedSegment) -> None:
    """For callers that need no news of single segments."""


class Adapter:
    """Speaks one network's language for one channel. An instance serves one attempt, then is thrown away.

    Subclasses declare what they can do, then do it; nothing outside asks which
    network it is.
    """

    network: ClassVar[str]
    name: ClassVar[str]
    # The calls that make a post visible, as "METHOD url": no answer to one of these is an unknown outcome.
    commit_calls: ClassVar[re.Pattern] = re.compile(r"(?!)")
    can_find: ClassVar[bool] = False  # `find` reads the network to learn whether a post is out
    idempotent: ClassVar[bool] = False  # the same key twice makes one post, surely and without end
    renew_before: ClassVar[timedelta | None] = None  # how long before a token's end `renew_ahead` is called
    rehearsal: ClassVar[dict] = {}  # what the network would answer, for dry runs: see `rehearsal.Answers`
    only_for_oneself: ClassVar[dict | None] = None  # options of a message that nobody but its author sees
    find_after: ClassVar[float] = 5.0  # seconds until a post that is out can surely be read

    def __init__(self, channel: Channel, *, wire: Callable[..., Wire] = Wire):
        self.channel = channel
        self.wire = wire(name=self.name, commits=lambda method, url: bool(self.commit_calls.search(f"{method} {url}")))

    @property
    def rules(self) -> NetworkRules:
        """The rules of the network that the channel belongs to."""
        return rules_for(self.channel.network)

    @property
    def may_be_out(self) -> bool:
        """False where surely nothing of this attempt can be seen on the network."""
        return self.wire.committed

    # The authorization

    @classmethod
    def scopes_needed(cls, channel: Channel) -> tuple[str, ...]:
        """What the account has to have granted, where the network tells."""
        return ()

    def authorization_ends_at(self) -> datetime | None:
        """When a person has to connect the channel again; none where it is renewed without one."""
        return self.channel.token_expires_at

    def renew_ahead(self) -> None:
        """Renews the authorization before it ends, where that is possible. Raises one of `publishing.errors`."""

    def revoke(self) -> bool:
        """Asks the network to forget what it granted, and says whether it did. Raises one of `publishing.errors`."""
        return False

    def takes_comment(self, message: Message) -> bool:
        """True where a first comment of the message is to be sent."""
        return bool(message.first_comment) and self.rules.supports_first_comment

    @property
    def exchanges(self) -> list[dict]:
        """What was sent and what came back, for the attempt log."""
        return self.wire.exchanges

    @property
    def quota(self) -> dict:
        """What the network last said of how much it still takes; empty where it says nothing."""
        return self.wire.quota

    def publish(
        self,
        message: Message,
        *,
        idempotency_key: str,
        progress: Sequence[PublishedSegment] = (),
        on_progress: OnProgress = nothing,
    ) -> Published:
        """Publishes what `progress` does not have yet, and tells `on_progress` of each segment as it is out.

        The same `idempotency_key` is given for every attempt of one delivery.
        Raises one of `publishing.errors`, and nothing else.
        """
        raise NotImplementedError

    def find(
        self,
        message: Message,
        *,
        idempotency_key: str,
        since: datetime,
        progress: Sequence[PublishedSegment] = (),
        on_progress: OnProgress = nothing,
    ) -> Published | None:
        """Looks whether the message is out, without sending anything; none means: surely not, or not wholly.

        Segments of a thread that are found are told to `on_progress`. `since`
        is when the first attempt began.
        """
        raise NotImplementedError

    # The first comment: an answer to the last segment, unless the network has comments of another kind

    def comment(self, message: Message, published: Published, *, idempotency_key: str) -> PublishedSegment:
        """Sends the first comment under what is published. Raises one of `publishing.errors`."""
        answered = self.publish(_with_comment(message), idempotency_key=idempotency_key, progress=published.segments)
        return replace(answered.segments[-1], kind=PublishedSegment.COMMENT)

    def find_comment(
        self, message: Message, published: Published, *, idempotency_key: str, since: datetime
    ) -> PublishedSegment | None:
        """Looks whether the first comment is out, without sending anything."""
        answered = self.find(
            _with_comment(message), idempotency_key=idempotency_key, since=since, progress=published.segments
        )
        return replace(answered.segments[-1], kind=PublishedSegment.COMMENT) if answered else None


def _with_comment(message: Message) -> Message:
    """The message with its first comment as one more segment."""
    return replace(message, segments=(*message.segments, Segment(text=message.first_comment)), first_comment="")
