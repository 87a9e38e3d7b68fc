"""Renewing a channel's tokens: one at a time for each channel, whoever needs it first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from .models import Channel

LOCK_SPACE = 7_302


@contextmanager
def only_one_for(channel: Channel) -> Iterator[None]:
    """Keeps every other process from renewing the same channel's tokens; no transaction stays open meanwhile."""
    key = channel.pk.int & 0x7FFFFFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_SPACE, key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, key])


def renew(channel: Channel, *, stale: str, name: str, ask: Callable[[dict], tuple[dict, datetime | None]]) -> dict:
    """Answers with credentials whose token called `name` is another than `stale`.

    `ask` gets the stored credentials, asks the network and answers with what
    changed and until when it holds. Who comes second takes what the first got.
    An empty value never replaces a stored one.
    """
    with only_one_for(channel):
        stored = Channel.objects.only("credentials", "token_expires_at").get(pk=channel.pk)
        if stored.credentials.get(name) == stale or not stored.credentials.get(name):
            changed, expires_at = ask(stored.credentials)
            stored.credentials = {**stored.credentials, **{key: value for key, value in changed.items() if value}}
            if expires_at:
                stored.token_expires_at = expires_at
            stored.save(update_fields=["credentials", "token_expires_at"])
    channel.credentials, channel.token_expires_at = stored.credentials, stored.token_expires_at
    return stored.credentials
