"""One delivery from claim to record: what is asked of the network, and what follows from its answer.

claim → `sending` and an open attempt, committed → the call, with no
transaction open → record. The dispatcher does this for many at once;
`deliver_due` does the same one after another.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from . import claiming, clock, commenting, health, leasing, missed, recording, retrying
from .adapters import Adapter, adapter_for
from .announcing import announce
from .errors import OutcomeUnknown, OutOfTouch, PublishingError, ReconnectNeeded, TryLater
from .jobs import Job, Record
from .messages import Message, Published, PublishedSegment
from .models import Attempt, Delivery

log = logging.getLogger("publishing")
Outcome = Attempt.Outcome
State = Delivery.State

LOOKS = 6  # until a person is asked


def attempt(job: Job, *, keep_progress: Callable[[Job, dict], None]) -> Record:
    """Asks the network, and answers with what the rows shall say. Raises nothing."""
    adapter: Adapter | None = None
    try:
        adapter = adapter_for(job.channel)
        adapter.wire.before_commit = lambda: _check_lease(job)
        _check_lease(job)
        done = [PublishedSegment(**segment) for segment in job.progress]

        message = Message.from_json(job.message)
        goes_on = len(message.segments) > 1 or adapter.takes_comment(message)

        def on_progress(segment: PublishedSegment) -> None:
            job.progress.append(asdict(segment))
            if goes_on or segment.kind == PublishedSegment.HANDLE:
                keep_progress(job, job.progress[-1])

        if job.is_look:
            record = _look(job, adapter, message, done, on_progress)
        else:
            published = commenting.whole(message, done) or adapter.publish(
                message, idempotency_key=str(job.id), progress=done, on_progress=on_progress
            )
            record = _published(job, published, outcome=Outcome.PUBLISHED)
            if adapter.takes_comment(message):
                commenting.send(record, adapter, message, published, after_error=_after_error)
    except OutOfTouch as err:
        record = _out_of_touch(job, err)
    except PublishingError as err:
        record = _after_error(job, err, adapter)
    except Exception as err:
        log.exception("Delivery %s", job.id)
        record = _after_error(job, _our_fault(adapter), adapter)
        record.explanation += f" ({type(err).__name__})"
        record.blames_network = False
    record.exchanges = adapter.exchanges if adapter else []
    record.finished_at = timezone.now()
    if adapter and adapter.quota:
        job.channel.quota = adapter.quota
    return record


def _check_lease(job: Job) -> None:
    if not job.is_mine():
        raise OutOfTouch(_("The worker was out of touch with the database, so it did not send this."))


def _out_of_touch(job: Job, err: OutOfTouch) -> Record:
    """What is not out yet goes out as soon as somebody has it in hand again."""
    return Record(
        job,
        state=State.UNKNOWN if job.is_look else State.RETRYING,
        outcome=Outcome.TRY_LATER,
        explanation=err.message,
        changes={"next_attempt_at": clock.now(), "progress": job.progress},
        blames_network=False,
    )


def _our_fault(adapter: Adapter | None) -> PublishingError:
    """A fault inside the studio: unless a call that makes a post visible had begun, surely nothing was sent."""
    if adapter is None or not adapter.may_be_out:
        return TryLater(_("Something went wrong inside the studio before this was sent."))
    return OutcomeUnknown(_("Something went wrong inside the studio while this was being sent."))


def _look(job, adapter, message, done, on_progress) -> Record:
    if adapter.can_find:
        published = commenting.whole(message, done) or adapter.find(
            message,
            idempotency_key=str(job.id),
            since=job.due_at,
            progress=done,
            on_progress=on_progress,
        )
        if published:
            record = _published(job, published, outcome=Outcome.FOUND)
            if adapter.takes_comment(message):
                commenting.look(record, adapter, message, published, after_error=_after_error)
            return record
    elif not adapter.idempotent:
        return _ask_person(
            job,
            _("%(name)s offers no way to look this up. Look at the account itself and say whether the post is there.")
            % {"name": adapter.name},
        )
    if not retrying.has_budget(attempts=job.attempt_count, wait=0.0):
        return _ask_person(
            job, _("It was tried many times and never found. Look at the account itself before going on.")
        )
    return Record(
        job,
        state=State.RETRYING,
        outcome=Outcome.NOT_FOUND,
        explanation=_("It is not on the network, so it is sent again."),
        changes={"next_attempt_at": clock.now(), "progress": job.progress},
    )


def _published(job: Job, published: Published, *, outcome: str) -> Record:
    return Record(
        job,
        state=State.PUBLISHED,
        outcome=outcome,
        changes={
            "progress": [asdict(segment) for segment in published.segments],
            "remote_id": published.remote_id,
            "permalink": published.permalink,
            "published_at": published.published_at or timezone.now(),
            "news": True,
        },
    )


def _after_error(job: Job, err: PublishingError, adapter: Adapter | None) -> Record:
    if job.is_look:
        return _after_failed_look(job, err)
    if isinstance(err, OutcomeUnknown):
        wait = adapter.find_after if adapter else 0.0
        return Record(
            job,
            state=State.UNKNOWN,
            outcome=Outcome.UNKNOWN,
            explanation=err.message,
            changes={
                "next_attempt_at": clock.now() + timedelta(seconds=wait),
                "failure": err.message,
                "failure_kind": Outcome.UNKNOWN,
            },
        )
    if isinstance(err, TryLater):
        return _try_later(job, err)
    kind = Outcome.RECONNECT if isinstance(err, ReconnectNeeded) else Outcome.REJECTED
    return Record(
        job,
        state=State.FAILED,
        outcome=kind,
        explanation=err.message,
        changes={"failure": err.message, "failure_kind": kind, "news": True},
    )


def _try_later(job: Job, err: TryLater) -> Record:
    wait = retrying.delay(job.attempt_count, retry_after=err.retry_after)
    if retrying.has_budget(attempts=job.attempt_count, wait=wait):
        return Record(
            job,
            state=State.RETRYING,
            outcome=Outcome.TRY_LATER,
            explanation=err.message,
            changes={
                "next_attempt_at": clock.now() + timedelta(seconds=wait),
                "failure": err.message,
                "failure_kind": Outcome.TRY_LATER,
            },
            retry_after=err.retry_after,
        )
    gave_up = _("%(reason)s Given up after %(count)s tries. Try again when it works there.") % {
        "reason": err.message,
        "count": job.attempt_count,
    }
    changes = {"failure": gave_up, "failure_kind": Outcome.TRY_LATER, "news": True}
    return Record(job, state=State.FAILED, outcome=Outcome.TRY_LATER, explanation=gave_up, changes=changes)


def _after_failed_look(job: Job, err: PublishingError) -> Record:
    if job.look_count < LOOKS and isinstance(err, (TryLater, OutcomeUnknown)):
        retry_after = err.retry_after if isinstance(err, TryLater) else None
        next_at = clock.now() + timedelta(seconds=retrying.delay(job.look_count, retry_after=retry_after))
        return Record(
            job,
            state=State.UNKNOWN,
            outcome=Outcome.UNKNOWN,
            explanation=err.message,
            changes={"next_attempt_at": next_at, "failure": err.message, "failure_kind": Outcome.UNKNOWN},
        )
    return _ask_person(
        job,
        _("%(reason)s So it cannot be found out here. Look at the account itself and say whether the post is there.")
        % {"reason": err.message},
    )


def _ask_person(job: Job, sentence: str) -> Record:
    return Record(
        job,
        state=State.UNKNOWN,
        outcome=Outcome.UNKNOWN,
        explanation=sentence,
        changes={"failure": sentence, "failure_kind": Outcome.UNKNOWN, "asks": True, "news": True},
    )


def deliver_due(*, limit: int = 1000, worker: str = "inline") -> int:
    """Sends what is due, one after another, until nothing is; says how many attempts that took.

    For commands and tests. Running workers do the same, many at a time.
    """
    attempts, sweeper = 0, leasing.Sweeper(patience=0)
    while attempts < limit:
        sweeper.sweep()
        missed.decide()
        now = clock.now()
        jobs = claiming.claim(worker=worker, until=now, missed_before=missed.missed_before(now), limit=1)
        begun = claiming.begin(jobs, worker=worker, until=now) if jobs else []
        if not begun:
            break
        for job in begun:
            record = attempt(
                job, keep_progress=lambda job, segment: recording.keep_progress(job, segment, worker=worker)
            )
            recording.record([record], worker=worker)
            health.note([record])
            attempts += 1
    announce()
    return attempts


def wait_until_delivered(post_id, *, seconds: float = 30.0) -> bool:
    """Waits for running workers to finish all deliveries of a post; true if they did in time."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if not Delivery.objects.filter(post_id=post_id).exclude(state__in=Delivery.FINAL).exists():
            return True
        time.sleep(0.1)
    return False
