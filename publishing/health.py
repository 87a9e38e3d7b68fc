"""Circuit breakers: one broken channel or network does not hold up the others."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction

from . import clock
from .jobs import Record
from .models import Attempt, Channel, NetworkPause
from .retrying import breaker_pause
from .telling import tell_of_reconnecting

CHANNEL_THRESHOLD = 4
NETWORK_THRESHOLD = 10
Outcome = Attempt.Outcome
GOOD = {Outcome.PUBLISHED, Outcome.FOUND, Outcome.NOT_FOUND, Outcome.REJECTED, Outcome.RECONNECT}
BAD = {Outcome.TRY_LATER, Outcome.UNKNOWN}


def note(records: Iterable[Record]) -> None:
    """Keeps what a batch of attempts says about the health of channels and of whole networks."""
    now = clock.now()
    by_channel: dict[Channel, list[Record]] = defaultdict(list)
    for record in records:
        if not record.blames_network:
            continue
        by_channel[record.job.channel].append(record)
    succeeded = []
    for channel, its in by_channel.items():
        if its[-1].outcome in (Outcome.PUBLISHED, Outcome.FOUND) and not channel.failures_in_a_row:
            succeeded.append(channel)
        else:
            _note_channel(channel, its, now)
    _note_success(succeeded, now)
    _note_networks(by_channel, now)


@transaction.atomic
def ask_for_reconnecting(channel: Channel, *, reason: str) -> None:
    """Notes that the network has withdrawn its authorization, and tells of it once."""
    changed = Channel.objects.filter(pk=channel.pk, state=Channel.State.CONNECTED).update(
        state=Channel.State.RECONNECT, state_reason=reason
    )
    if changed:
        channel.state, channel.state_reason = Channel.State.RECONNECT, reason
        tell_of_reconnecting(channel)


def _note_success(channels: list[Channel], now) -> None:
    rows = [{"id": str(channel.pk), "quota": channel.quota or None} for channel in channels]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE publishing_channel c SET last_success_at = %s, quota = coalesce(r.quota, c.quota) "
                "FROM jsonb_to_recordset(%s::jsonb) AS r(id uuid, quota jsonb) WHERE c.id = r.id",
                [now, json.dumps(rows)],
            )


@transaction.atomic
def _note_channel(channel: Channel, records: list[Record], now) -> None:
    row = Channel.objects.select_for_update().get(pk=channel.pk)
    for record in records:
        if record.outcome in BAD:
            row.failures_in_a_row += 1
        else:
            row.failures_in_a_row = 0
        if record.outcome in (Outcome.PUBLISHED, Outcome.FOUND):
            row.last_success_at = now
        if record.outcome == Outcome.RECONNECT:
            is_news = row.state != Channel.State.RECONNECT
            row.state, row.state_reason = Channel.State.RECONNECT, record.explanation
            if is_news:
                tell_of_reconnecting(row)
    asked = max((record.retry_after or 0.0 for record in records), default=0.0)
    pause = max(asked, breaker_pause(row.failures_in_a_row, threshold=CHANNEL_THRESHOLD))
    row.paused_until = now + timedelta(seconds=pause) if pause else None
    row.pause_reason = records[-1].explanation if pause else ""
    row.quota = channel.quota
    row.save(
        update_fields=[
            "failures_in_a_row", "last_success_at", "state", "state_reason", "paused_until", "pause_reason", "quota",
        ]
    )  # fmt: skip


def _note_networks(by_channel: dict[Channel, list[Record]], now) -> None:
    by_host: dict[str, list[Record]] = defaultdict(list)
    for channel, records in by_channel.items():
        if not channel.sandbox:
            by_host[channel.host].extend(records)
    known = NetworkPause.objects.in_bulk(list(by_host)) if by_host else {}
    for host, records in by_host.items():
        bad = [record for record in records if record.outcome in BAD]
        if len(bad) < len(records):
            if host in known and known[host].failures_in_a_row:
                NetworkPause.objects.filter(pk=host).update(failures_in_a_row=0, until=None, reason="")
        elif bad:
            _note_trouble(host, bad, now)


@transaction.atomic
def _note_trouble(host: str, bad: list[Record], now) -> None:
    NetworkPause.objects.get_or_create(host=host)
    row = NetworkPause.objects.select_for_update().get(pk=host)
    row.failures_in_a_row += len(bad)
    pause = breaker_pause(row.failures_in_a_row, threshold=NETWORK_THRESHOLD)
    row.until = now + timedelta(seconds=min(pause, 120.0)) if pause else None
    row.reason = bad[-1].explanation if pause else ""
    row.save()
