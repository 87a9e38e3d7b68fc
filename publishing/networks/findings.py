"""What is found in a message, and how a network's own limits are read."""

from dataclasses import dataclass
from typing import overload


@dataclass(frozen=True)
class Finding:
    """Something about a message that its network would refuse (`blocking`) or that an editor should know.

    `message` says what is wrong, `fix` what to do about it; `segment` counts from
    0, and is None where the finding is about the message as a whole.
    """

    code: str
    message: str
    fix: str
    segment: int | None = None
    blocking: bool = True


@overload
def limit_of(limits: dict | None, name: str, default: int) -> int: ...
@overload
def limit_of(limits: dict | None, name: str, default: int | None) -> int | None: ...
def limit_of(limits, name, default):
    """A limit as the network told it, or `default` where it told none (or nonsense)."""
    value = (limits or {}).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default
