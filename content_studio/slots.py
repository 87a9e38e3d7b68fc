"""When the slots of queues come round, and which of them a post has taken already.

Nothing is stored about taken slots: a slot is taken where a post of the channel
is planned for its moment. So a post that is moved, deleted or taken off the
schedule frees its slot by that alone.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone as clock

from publishing.localtime import to_local, to_utc
from publishing.models import Channel

from .calendar import FURTHEST
from .models import SocialPost
from .queues import ChannelQueue

HORIZON = datetime.timedelta(weeks=8)
OUT = (SocialPost.State.PUBLISHED, SocialPost.State.FAILED)


@dataclass(frozen=True)
class Occurrence:
    """One coming round of a slot. `local` is the time that clocks in `zone` really show, naive."""

    channel: Channel
    utc: datetime.datetime
    local: datetime.datetime
    zone: str
    note: str = ""  # of a clock change
    post_id: int | None = None  # the post that has taken it

    @property
    def is_free(self) -> bool:
        return self.post_id is None


def occurrences(
    queues: Iterable[ChannelQueue], *, start: datetime.datetime, end: datetime.datetime, besides=None
) -> list[Occurrence]:
    """Every coming round of the queues' slots from `start` to before `end`, soonest first, in two queries.

    A slot that a clock change skips comes round later that day, and falls
    together with another that is there already. `besides` is a post that does not count as taking any.
    Give queues with `channel` and `slots` read.
    """
    queues = list(queues)
    taken = taken_moments([queue.channel_id for queue in queues], start=start, end=end, besides=besides)
    found: dict[tuple, Occurrence] = {}
    for queue in queues:
        first = to_local(start, queue.timezone).date()
        last = to_local(end, queue.timezone).date()
        slots = list(queue.slots.all())
        for number in range((last - first).days + 1):
            day = first + datetime.timedelta(days=number)
            for slot in slots:
                if slot.weekday != day.weekday():
                    continue
                moment = to_utc(datetime.datetime.combine(day, slot.time), queue.timezone)
                if start <= moment.utc < end:
                    key = (queue.channel_id, moment.utc)
                    found.setdefault(
                        key,
                        Occurrence(
                            queue.channel, moment.utc, moment.local, queue.timezone, moment.note, taken.get(key)
                        ),
                    )
    return sorted(found.values(), key=lambda each: (each.utc, str(each.channel.pk)))


def taken_moments(channel_ids, *, start, end, besides=None) -> dict[tuple, int]:
    """(channel id, moment) → post, of all that is planned for these channels and not out yet. One query."""
    posts = SocialPost.objects.filter(
        channels__in=list(channel_ids),
        planned_local__gte=(start - FURTHEST).replace(tzinfo=datetime.UTC),
        planned_local__lt=(end + FURTHEST).replace(tzinfo=datetime.UTC),
    ).exclude(state__in=OUT)
    if besides is not None:
        posts = posts.exclude(pk=besides.pk)
    return {
        (channel, to_utc(local, zone or own_zone).utc): post
        for post, local, zone, own_zone, channel in posts.values_list(
            "pk", "planned_local", "planned_timezone", "organization__timezone", "channels"
        )
    }


def queues_of(organization, *, channels=None):
    """The organization's queues with their slots, all of them or those of some channels."""
    queues = ChannelQueue.objects.for_organization(organization).select_related("channel").prefetch_related("slots")
    return queues if channels is None else queues.filter(channel__in=list(channels))


def next_free(queues: Iterable[ChannelQueue], *, channels, after=None, besides=None) -> Occurrence | None:
    """The next slot for a post that goes to all of `channels`, within eight weeks.

    Where the queues have slots at the same moments, one of those; else the next
    of any of them, and the post's other channels go along. A moment at which
    any of its channels has something else planned is not free.
    """
    start = max(after or clock.now(), clock.now())
    end = start + HORIZON
    queues = [queue for queue in queues if queue.paused_at is None]
    coming = occurrences(queues, start=start, end=end, besides=besides)
    if not coming:
        return None
    channel_ids = [channel.pk for channel in channels]
    busy = {moment for _channel, moment in taken_moments(channel_ids, start=start, end=end, besides=besides)}
    by_moment: dict = {}
    for each in coming:
        by_moment.setdefault(each.utc, []).append(each)
    with_slots = len({each.channel.pk for each in coming})
    shared = {moment: each for moment, each in by_moment.items() if len(each) == with_slots}
    for moment, each in sorted((shared or by_moment).items()):
        if moment not in busy:
            return each[0]
    return None
