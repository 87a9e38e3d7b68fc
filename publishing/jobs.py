"""What a worker has in hand, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from . import clock
from .models import Channel, Delivery

State = Delivery.State


@dataclass(slots=True)
class Job:
    """A delivery that a worker has in hand."""

    id: UUID
    channel: Channel
    state: str
    message: dict
    progress: list
    due_at: datetime
    next_attempt_at: datetime
    attempt_count: int
    look_count: int
    attempt_id: int = 0
    trusted_until: float = 0.0  # by `clock.elapsed()`

    @property
    def is_look(self) -> bool:
        """True where it is to be looked for, not sent."""
        return self.state == State.UNKNOWN

    def is_mine(self) -> bool:
        """True while nobody else can have taken it up."""
        return clock.elapsed() < self.trusted_until


@dataclass(slots=True)
class Record:
    """What became of a job, as the rows shall say it."""

    job: Job
    state: str
    outcome: str
    explanation: str = ""
    exchanges: list = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)  # of the delivery
    finished_at: datetime | None = None
    retry_after: float | None = None  # seconds for which the network wants to be left alone
    blames_network: bool = True  # whether it says anything about how the network is doing
