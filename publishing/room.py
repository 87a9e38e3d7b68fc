"""How channels and scheduled posts count against a plan, and which channels a smaller plan still has room for."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Count, QuerySet

from billing import read_only
from billing.limits import Limit, require_room
from organizations.models import Organization

from .models import Channel, Delivery


def channels(organization: Organization) -> list[read_only.Item]:
    """The channels that count, in the order in which they were connected."""
    connected = Channel.objects.for_organization(organization).exclude(state=Channel.State.DISCONNECTED)
    return [
        read_only.Item(id=str(channel.pk), name=channel.name, note=channel.get_network_display())
        for channel in connected.order_by("created_at", "pk")
    ]


def scheduled_posts(organization: Organization) -> set:
    """The posts that wait for their time on some channel."""
    waiting = Delivery.objects.filter(organization=organization, state__in=Delivery.WAITING)
    return set(waiting.values_list("post_id", flat=True).distinct())


def check_room(organization: Organization, *, post_id, channel_ids) -> None:
    """Raises LimitReached where the plan has no room for these channels, or for one more scheduled post.

    What is scheduled already goes out whatever the plan has become since.
    """
    read_only.require_usable(organization, Limit.CHANNELS, channel_ids)
    waiting = scheduled_posts(organization)
    if post_id not in waiting:
        require_room(organization, Limit.SCHEDULED_POSTS, used=len(waiting))


def _counted(rows: QuerySet, what: str) -> Callable[[Collection[Organization]], dict[UUID, int]]:
    def counts(organizations: Collection[Organization]) -> dict[UUID, int]:
        mine = rows.filter(organization__in=organizations).order_by().values_list("organization")
        return dict(mine.annotate(Count(what, distinct=True)))

    return counts


read_only.register(
    read_only.Resource(
        limit=Limit.CHANNELS,
        items=channels,
        counts=_counted(Channel.objects.exclude(state=Channel.State.DISCONNECTED), "pk"),
    )
)
read_only.register(
    read_only.Resource(
        limit=Limit.SCHEDULED_POSTS,
        count=lambda organization: len(scheduled_posts(organization)),
        counts=_counted(Delivery.objects.filter(state__in=Delivery.WAITING), "post_id"),
    )
)
