"""Tells endpoints what happened: at least once, until they say that they have heard it.

A message is claimed by one statement with a lease, no transaction is open while
the endpoint is called, and what came of it is written at once. A worker that
dies leaves a lease that runs out: the message is sent again, with the same
`webhook-id`.
"""

import json
import queue
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import urllib3
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from organizations.outgoing import PrivateAddress, connections
from organizations.walls import outside_walls

from . import signing
from .models import Attempt, Endpoint, Telling
from .notifying import tell_of_disabling

MINUTE, HOUR = 60, 3600
# Seconds between one attempt and the next: ten attempts in three days, as the specification suggests.
WAITS = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 18 * HOUR, 22 * HOUR)
JITTER = 0.2  # so that what failed together does not come back together
PATIENCE = 15.0  # seconds for an answer
LEASE_SECONDS = 120  # far above what a batch can take
LONGEST_CALL = 60.0  # seconds after which a batch waits for nobody who answers a byte at a time
BATCH = 20
OF_ONE_ENDPOINT = 4  # in a batch, so that one that is slow does not hold up the others
ROUND_SECONDS = 50.0  # the next round comes by the minute
DISABLE_AFTER = timedelta(days=3)
KEPT = 1000  # characters of an answer

_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT t.id FROM webhooks_telling t
    JOIN (
        SELECT w.id, row_number() OVER (PARTITION BY w.endpoint_id ORDER BY w.next_attempt_at, w.id) AS place
        FROM webhooks_telling w JOIN webhooks_endpoint e ON e.id = w.endpoint_id
        WHERE w.state = 'waiting' AND w.next_attempt_at <= clock_timestamp() AND e.disabled_at IS NULL
          AND (w.lease_expires_at IS NULL OR w.lease_expires_at < clock_timestamp())
    ) fair ON fair.id = t.id AND fair.place <= %(each)s
    WHERE t.state = 'waiting' AND (t.lease_expires_at IS NULL OR t.lease_expires_at < clock_timestamp())
    ORDER BY t.next_attempt_at, t.id LIMIT %(batch)s FOR UPDATE OF t SKIP LOCKED
)
UPDATE webhooks_telling t SET lease_expires_at = clock_timestamp() + make_interval(secs => %(lease)s)
FROM due WHERE t.id = due.id RETURNING t.id
"""


@dataclass
class Outcome:
    status: int | None
    explanation: str
    answer: str
    milliseconds: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver_due() -> int:
    """Sends what is due, many at once, for up to a minute; says how many were sent."""
    give_up, sent = time.monotonic() + ROUND_SECONDS, 0
    with outside_walls():
        while time.monotonic() < give_up and (tellings := _claim()):
            for telling, outcome in _call_all(tellings):
                _record(telling, outcome)
            sent += len(tellings)
    return sent


def _claim() -> list[Telling]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"batch": BATCH, "each": OF_ONE_ENDPOINT, "lease": LEASE_SECONDS})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Telling.objects.filter(pk__in=ids).select_related("endpoint__organization", "event").order_by("pk"))


def _call_all(tellings: list[Telling]) -> Iterator[tuple[Telling, Outcome]]:
    """Sends all at the same time, each as soon as it has come back."""
    back: queue.SimpleQueue = queue.SimpleQueue()
    for telling in tellings:
        # Daemons: a worker that ends does not wait for an endpoint that never stops answering.
        threading.Thread(target=lambda each: back.put((each, _call(each))), args=[telling], daemon=True).start()
    waiting, give_up = {telling.pk: telling for telling in tellings}, time.monotonic() + LONGEST_CALL
    while waiting:
        try:
            telling, outcome = back.get(timeout=max(0.0, give_up - time.monotonic()))
        except queue.Empty:
            break
        del waiting[telling.pk]
        yield telling, outcome
    for telling in waiting.values():
        yield telling, Outcome(None, _("It did not come to the end of its answer."), "", int(LONGEST_CALL * 1000))


def _call(telling: Telling) -> Outcome:
    """Sends the message once. Works on what it is given: it makes no query, for it runs in a thread."""
    body = json.dumps(telling.event.payload(), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": settings.PUBLISHING_USER_AGENT,
        **signing.headers(
            body,
            message_id=telling.event.message_id,
            timestamp=int(time.time()),
            secrets=telling.endpoint.signing_secrets(),
        ),
    }
    began = time.monotonic()
    status, answer, explanation = None, "", ""
    try:
        response = connections().request(
            "POST",
            telling.endpoint.url,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=5.0, read=PATIENCE),
        )
        status = response.status
        answer = response.read(KEPT, decode_content=True).decode(errors="replace").replace("\0", "")
        response.close()
        if 300 <= status < 400:
            explanation = _("It answers with a redirect, which is not followed. Give the address that it leads to.")
    except (HTTPError, OSError, ValueError) as err:
        explanation = _readable(err)
    return Outcome(status, explanation, answer, round((time.monotonic() - began) * 1000))


def _readable(err: Exception) -> str:
    cause = (isinstance(err, MaxRetryError) and err.reason) or err
    if isinstance(cause, NewConnectionError) and isinstance(cause.__cause__, PrivateAddress):
        return _("This address is not on the public internet, so nothing is sent to it.")
    if isinstance(cause, urllib3.exceptions.TimeoutError) and not isinstance(cause, NewConnectionError):
        return _("It did not answer within %(seconds)d seconds.") % {"seconds": int(PATIENCE)}
    return _("It cannot be reached: %(why)s") % {"why": str(cause.__cause__ or cause)[:200]}


@transaction.atomic
def _record(telling: Telling, outcome: Outcome) -> None:
    if not Telling.objects.select_for_update(of=("self",)).filter(pk=telling.pk).exists():
        return  # its endpoint was deleted meanwhile
    now = timezone.now()
    Attempt.objects.create(
        telling=telling,
        at=now,
        status=outcome.status,
        explanation=outcome.explanation[:300],
        answer=outcome.answer,
        milliseconds=outcome.milliseconds,
    )
    telling.attempt_count += 1
    telling.lease_expires_at = None
    if outcome.is_good:
        telling.state, telling.finished_at = Telling.State.DELIVERED, now
        Endpoint.objects.filter(pk=telling.endpoint_id).exclude(failing_since=None).update(failing_since=None)
    elif telling.attempt_count > len(WAITS):
        telling.state, telling.finished_at = Telling.State.FAILED, now
    else:
        wait = WAITS[telling.attempt_count - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
        telling.next_attempt_at = now + timedelta(seconds=wait)
    telling.save(update_fields=["attempt_count", "lease_expires_at", "state", "finished_at", "next_attempt_at"])
    if not outcome.is_good:
        _note_failure(telling, outcome, now)


def _note_failure(telling: Telling, outcome: Outcome, now) -> None:
    endpoint = (
        Endpoint.objects.select_for_update(of=("self",)).select_related("organization").get(pk=telling.endpoint_id)
    )
    if endpoint.disabled_at:
        return
    endpoint.failing_since = endpoint.failing_since or now
    if outcome.status == 410:
        endpoint.disabled_reason = _("It answered that it is gone for good (410).")
    elif now - endpoint.failing_since >= DISABLE_AFTER:
        endpoint.disabled_reason = _("It has heard nothing for three days: %(why)s") % {
            "why": outcome.explanation or _("it answered %(status)s.") % {"status": outcome.status}
        }
    if endpoint.disabled_reason:
        endpoint.disabled_at, endpoint.disabled_reason = now, endpoint.disabled_reason[:300]
        tell_of_disabling(endpoint)
    endpoint.save(update_fields=["failing_since", "disabled_at", "disabled_reason"])
