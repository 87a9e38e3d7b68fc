"""The first comment under a post: tried again by itself, and never at the cost of sending the post again."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from django.utils.translation import gettext as _

from . import clock
from .adapters import Adapter
from .errors import PublishingError
from .jobs import Job, Record
from .messages import Message, Published, PublishedSegment
from .models import Attempt, Delivery

State = Delivery.State

AfterError = Callable[[Job, PublishingError, Adapter | None], Record]


def whole(message: Message, progress: Sequence[PublishedSegment]) -> Published | None:
    """The message as published, where nothing of it is missing but perhaps its first comment."""
    out = tuple(each for each in progress if each.kind == PublishedSegment.SEGMENT)
    return Published(segments=out) if len(out) == len(message.segments) else None


def send(record: Record, adapter: Adapter, message: Message, published: Published, *, after_error: AfterError) -> None:
    """Sends the first comment, and lets `record` say what became of it."""
    try:
        said = adapter.comment(message, published, idempotency_key=str(record.job.id))
    except PublishingError as err:
        _without(record, err, adapter, after_error=after_error)
    else:
        _with(record, said)


def look(record: Record, adapter: Adapter, message: Message, published: Published, *, after_error: AfterError) -> None:
    """Looks for the first comment of a post that is out; what is not there is sent after all."""
    try:
        said = adapter.find_comment(message, published, idempotency_key=str(record.job.id), since=record.job.due_at)
    except PublishingError as err:
        _without(record, err, adapter, after_error=after_error)
        return
    if said:
        _with(record, said)
        return
    record.state, record.outcome = State.RETRYING, Attempt.Outcome.NOT_FOUND
    record.explanation = _("The post is out. Its first comment is not, so that is sent now.")
    record.changes |= {"news": False, "next_attempt_at": clock.now()}


def _with(record: Record, comment: PublishedSegment) -> None:
    record.changes["progress"] = [*record.changes["progress"], asdict(comment)]


def _without(record: Record, err: PublishingError, adapter: Adapter, *, after_error: AfterError) -> None:
    """The post is out and its comment is not: later, perhaps, or never."""
    after = after_error(record.job, err, adapter)
    record.outcome, record.retry_after = after.outcome, after.retry_after
    waits = after.state in (State.RETRYING, State.UNKNOWN) and not after.changes.get("asks")
    sentence = _("The post is out, its first comment is not: %(reason)s") if after.state != State.UNKNOWN else _(
        "The post is out. Whether its first comment is, is not known: %(reason)s"
    )  # fmt: skip
    record.explanation = sentence % {"reason": err.message}
    record.changes |= {"failure": record.explanation, "failure_kind": Delivery.WITHOUT_COMMENT}
    if waits:
        record.state = after.state
        record.changes |= {"news": False, "next_attempt_at": after.changes["next_attempt_at"]}
    else:
        record.changes["failure"] += " " + _("Write it on the network yourself if readers need it.")
