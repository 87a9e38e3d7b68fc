"""The rules of each network: how it counts, what it takes, what it cannot express. Pure functions, no database.

The one counter of the product: drafts are fitted, editors warned, messages
checked and previews folded by the same functions. What is counted how, with
sources, is in docs/networks_rules.md.
"""

from organizations.problems import Problem

from .base import Count, NetworkRules
from .bluesky import Bluesky
from .findings import Finding
from .images import ImageRules
from .instagram import Instagram
from .linkedin import LinkedIn
from .mastodon import Mastodon
from .media import MediaRules
from .polls import PollRules
from .x import X

__all__ = [
    "ALIASES",
    "NETWORKS",
    "Count",
    "Finding",
    "ImageRules",
    "MediaRules",
    "NetworkRules",
    "PollRules",
    "UnknownNetwork",
    "rules_for",
]

# In the order in which they are shown.
NETWORKS: tuple[NetworkRules, ...] = (X(), LinkedIn(), Instagram(), Bluesky(), Mastodon())
ALIASES = {"twitter": "x"}
_BY_KEY = {rules.key: rules for rules in NETWORKS}


class UnknownNetwork(Problem):
    """No network of this name."""

    slug = "unknown-network"
    status = 400
    title = "Unknown network"


def rules_for(key: str) -> NetworkRules:
    """The rules of the network called `key`, in any case; "twitter" is X. Raises UnknownNetwork."""
    name = key.strip().lower()
    try:
        return _BY_KEY[ALIASES.get(name, name)]
    except KeyError:
        known = ", ".join([*ALIASES, *_BY_KEY])
        raise UnknownNetwork(f"There is no network called “{key}”. Known are: {known}.") from None
