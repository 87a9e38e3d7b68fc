"""Accounts that a fresh authorization reaches, before somebody chooses which of them become channels."""

from dataclasses import asdict, dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Account:
    """One account on a network, with what it takes to publish through it."""

    remote_id: str
    name: str
    handle: str = ""
    note: str = ""  # what tells it from others in a choice, such as “page”
    credentials: dict = field(default_factory=dict)
    scopes: list[str] = field(default_factory=list)
    token_expires_at: datetime | None = None

    def to_json(self) -> dict:
        ends = self.token_expires_at
        return {**asdict(self), "token_expires_at": ends.isoformat() if ends else None}

    @classmethod
    def from_json(cls, data: dict) -> "Account":
        ends = data["token_expires_at"]
        return cls(**{**data, "token_expires_at": datetime.fromisoformat(ends) if ends else None})
