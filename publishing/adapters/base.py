"""What every adapter promises."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from publishing.messages import Message, Published, PublishedSegment
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
    find_after: ClassVar[float] = 5.0  # seconds until a post that is out can surely be read

    def __init__(self, channel: Channel):
        self.channel = channel
        self.wire = Wire(name=self.name, commits=lambda method, url: bool(self.commit_calls.search(f"{method} {url}")))

    @property
    def rules(self) -> NetworkRules:
        """The rules of the network that the channel belongs to."""
        return rules_for(self.channel.network)

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
