"""Posts get the slots of their channels' queues: the next free one, many at once, or in another order.

Studio and API call these functions. Whoever takes a slot holds the queues of
the post's channels until it is taken: two people who ask at the same moment
get two different slots.
"""

import datetime
import random
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from organizations.models import validate_timezone
from organizations.problems import Conflict, Problem
from organizations.roles import Action, may, require
from publishing.models import Channel, Delivery

from . import planning
from .models import SocialPost
from .presenting import local_moment
from .queues import ChannelQueue, QueueSlot
from .slots import HORIZON, Occurrence, next_free, occurrences, queues_of

MOST_AT_ONCE = 200
MOST_SLOTS = 50  # of one channel on one day: more is a mistake


class NoFreeSlot(Conflict):
    slug = "no-free-slot"
    title = "No slot is free"


@dataclass(frozen=True)
class Placed:
    """What became of one post: its slot, or why it got none."""

    post: SocialPost
    slot: Occurrence | None = None
    problem: str = ""

    @property
    def when(self) -> str:
        return local_moment(self.slot.local, self.slot.zone) if self.slot else ""


# The queues themselves


def queue_of(channel: Channel) -> ChannelQueue:
    """The channel's queue; an empty one on its organization's clock, the first time."""
    queue, _made = ChannelQueue.objects.select_related("channel").get_or_create(
        channel=channel,
        defaults={"organization_id": channel.organization_id, "timezone": channel.organization.timezone},
    )
    return queue


@transaction.atomic
def add_slots(channel: Channel, *, weekdays, times, user) -> list[QueueSlot]:
    """Adds a slot on each of `weekdays` at each of `times`; those that exist already stay one."""
    require(user, Action.PUBLISH, organization=channel.organization)
    queue = queue_of(channel)
    times = sorted({time.replace(second=0, microsecond=0, tzinfo=None) for time in times})
    for weekday in weekdays:
        if queue.slots.filter(weekday=weekday).exclude(time__in=times).count() + len(times) > MOST_SLOTS:
            raise Conflict(_("A channel has at most %(most)s slots a day.") % {"most": MOST_SLOTS})
    QueueSlot.objects.bulk_create(
        [QueueSlot(queue=queue, weekday=weekday, time=time) for weekday in weekdays for time in times],
        ignore_conflicts=True,
    )
    return list(queue.slots.filter(weekday__in=list(weekdays), time__in=times))


@transaction.atomic
def remove_slot(slot: QueueSlot, *, user) -> None:
    """The slot does not come round again. Posts that are planned for its time stay planned."""
    require(user, Action.PUBLISH, organization=slot.queue.organization)
    slot.delete()


@transaction.atomic
def move_slot(slot: QueueSlot, *, weekday: int, time: datetime.time, user) -> QueueSlot:
    """Moves the slot to another time of the week. Raises Conflict where there is one already."""
    require(user, Action.PUBLISH, organization=slot.queue.organization)
    if slot.queue.slots.filter(weekday=weekday, time=time).exclude(pk=slot.pk).exists():
        raise Conflict(_("This channel has a slot at that time already."))
    slot.weekday, slot.time = weekday, time
    slot.save()
    return slot


@transaction.atomic
def copy_day(channel: Channel, *, weekday: int, user) -> None:
    """Gives every other day of the week the same slots as `weekday`."""
    require(user, Action.PUBLISH, organization=channel.organization)
    queue = queue_of(channel)
    times = list(queue.slots.filter(weekday=weekday).values_list("time", flat=True))
    queue.slots.exclude(weekday=weekday).delete()
    add_slots(channel, weekdays=[day for day in range(7) if day != weekday], times=times, user=user)


@transaction.atomic
def clear_slots(channel: Channel, *, user) -> None:
    """Takes every slot out of the queue; what is planned stays planned."""
    require(user, Action.PUBLISH, organization=channel.organization)
    queue_of(channel).slots.all().delete()


def set_zone(channel: Channel, *, timezone: str, user) -> ChannelQueue:
    """From now on the slots are meant on the clock of another place. Raises ValidationError for an unknown one."""
    require(user, Action.PUBLISH, organization=channel.organization)
    validate_timezone(timezone)
    queue = queue_of(channel)
    queue.timezone = timezone
    queue.save(update_fields=["timezone"])
    return queue


def pause_queue(channel: Channel, *, user) -> ChannelQueue:
    """No slot of this channel is given away until it is resumed; what is scheduled goes out all the same."""
    return _set_paused(channel, clock.now(), user)


def resume_queue(channel: Channel, *, user) -> ChannelQueue:
    return _set_paused(channel, None, user)


def _set_paused(channel, moment, user) -> ChannelQueue:
    require(user, Action.PUBLISH, organization=channel.organization)
    queue = queue_of(channel)
    if (queue.paused_at is None) != (moment is None):
        queue.paused_at = moment
        queue.save(update_fields=["paused_at"])
    return queue


# Posts in them


def channels_of(post: SocialPost) -> list[Channel]:
    """The channels of the post's newest revision."""
    return list(post.get_latest_revision_as_object().channels.all())


def slot_for(post: SocialPost, *, after=None) -> Occurrence:
    """The slot that the post would get now. Raises NoFreeSlot. Nothing is taken."""
    return _slot(post, channels_of(post), after)


@transaction.atomic
def queue_post(post: SocialPost, *, user, after=None, only_plan: bool = False) -> Placed:
    """Gives the post the next free slot of its channels. Raises NoFreeSlot, or what planning says.

    Where the post may go out and the person may schedule, it is scheduled; else
    the slot is its planned time, and taken all the same.
    """
    require(user, Action.WRITE, organization=post.organization)
    channels = channels_of(post)
    _hold(channels)
    slot = _slot(post, channels, after)
    if not only_plan and may(user, Action.PUBLISH, organization=post.organization) and _may_go_out(post):
        planning.schedule_post(post, local_time=slot.local, timezone=slot.zone, user=user)
    else:
        planning.plan_post(post, local_time=slot.local, timezone=slot.zone, user=user)
    return Placed(SocialPost.objects.get(pk=post.pk), slot)


def fill_queue(organization, *, user, channel: Channel | None = None, drafts: bool = False, limit=MOST_AT_ONCE):
    """Gives slots to posts that have no time yet, those that wait longest first: a list of `Placed`.

    Approved posts are scheduled; with `drafts`, drafts and posts in review get
    a planned time. Each post is placed, or not, for itself.
    """
    require(user, Action.WRITE if drafts else Action.PUBLISH, organization=organization)
    states = [SocialPost.State.DRAFT, SocialPost.State.IN_REVIEW] if drafts else [SocialPost.State.APPROVED]
    posts = SocialPost.objects.for_organization(organization).filter(state__in=states, planned_local__isnull=True)
    if channel is not None:
        posts = posts.filter(channels=channel)
    else:
        posts = posts.filter(channels__queue__slots__isnull=False)
    posts = posts.select_related("organization").order_by("approved_at", "pk").distinct()[:limit]
    placed = []
    for post in posts:
        try:
            with transaction.atomic():
                placed.append(queue_post(post, user=user, only_plan=drafts))
        except Problem as problem:
            placed.append(Placed(post, problem=problem.detail))
    return placed


@transaction.atomic
def shuffle_queue(channel: Channel, *, user, order=random.shuffle) -> list[Placed]:
    """Puts the posts that wait in the channel's coming slots into another order; the slots stay the same.

    Only posts that go to the same channels change places: nothing meets
    something else on another channel by that.
    """
    require(user, Action.PUBLISH, organization=channel.organization)
    _hold([channel])
    now = clock.now()
    queues = queues_of(channel.organization, channels=[channel])
    taken = [each for each in occurrences(queues, start=now, end=now + HORIZON) if not each.is_free]
    posts = SocialPost.objects.select_related("organization").prefetch_related("channels")
    by_id = posts.in_bulk([each.post_id for each in taken])
    groups: dict = {}
    for each in taken:
        post = by_id[each.post_id]
        key = (frozenset(one.pk for one in post.channels.all()), post.state == SocialPost.State.SCHEDULED)
        groups.setdefault(key, []).append((post, each))
    placed = []
    for members in groups.values():
        slots = [slot for _post, slot in members]
        order(slots)
        for (post, before), slot in zip(members, slots, strict=True):
            if slot is not before:
                planning.plan_post(post, local_time=slot.local, timezone=slot.zone, user=user)
            placed.append(Placed(post, slot))
    return sorted(placed, key=lambda each: each.slot.utc)  # type: ignore[union-attr]


def _slot(post, channels, after) -> Occurrence:
    if not channels:
        raise NoFreeSlot(_("Choose at least one channel: slots belong to channels."))
    queues = list(queues_of(post.organization, channels=channels))
    slot = next_free(queues, channels=channels, after=after, besides=post)
    if slot is not None:
        return slot
    if not any(queue.slots.all() for queue in queues):
        raise NoFreeSlot(_("The post's channels have no slots yet. Add some under Queue, or choose a time."))
    if all(queue.paused_at for queue in queues):
        raise NoFreeSlot(_("The queue of this channel is paused. Resume it under Queue, or choose a time."))
    raise NoFreeSlot(_("Every slot of the next eight weeks is taken. Add some under Queue, or choose a time."))


def _may_go_out(post) -> bool:
    if not post.organization.approval_required:
        return True
    if post.latest_revision_id and post.latest_revision_id == post.approved_revision_id:
        return True
    return post.deliveries.filter(state__in=Delivery.WAITING).exists()


def _hold(channels) -> None:
    """Lets nobody else take a slot of these channels until the transaction ends; always in the same order."""
    list(ChannelQueue.objects.select_for_update().filter(channel__in=channels).order_by("pk"))
