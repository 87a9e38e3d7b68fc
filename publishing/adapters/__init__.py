"""One adapter per network, and the pretend network for sandbox channels."""

from publishing.models import Channel, Network

from .base import Adapter
from .bluesky import BlueskyAdapter
from .instagram import InstagramAdapter
from .linkedin import LinkedInAdapter
from .mastodon import MastodonAdapter
from .sandbox import SandboxAdapter
from .x import XAdapter

SANDBOX = "sandbox"

ADAPTERS: dict[str, type[Adapter]] = {
    SANDBOX: SandboxAdapter,
    Network.X: XAdapter,
    Network.LINKEDIN: LinkedInAdapter,
    Network.INSTAGRAM: InstagramAdapter,
    Network.BLUESKY: BlueskyAdapter,
    Network.MASTODON: MastodonAdapter,
}


def adapter_for(channel: Channel) -> Adapter:
    """A fresh adapter for one attempt through `channel`."""
    return ADAPTERS[SANDBOX if channel.sandbox else channel.network](channel)
