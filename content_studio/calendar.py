"""The calendar's reads: the posts of an organization between two days, in a fixed number of queries."""

import datetime
from collections.abc import Iterable

from django.db.models import Q

from organizations.problems import Problem
from publishing.localtime import to_local, to_utc

from .models import SocialPost

LONGEST = datetime.timedelta(days=100)
# Zones reach from UTC−12 to UTC+14: a wall-clock time elsewhere is at most this far off.
FURTHEST = datetime.timedelta(hours=27)


class RangeTooLong(Problem):
    slug = "range-too-long"
    title = "The range is too long"


def planned_between(
    organization,
    start: datetime.datetime,
    end: datetime.datetime,
    *,
    zone: str,
    channels: Iterable = (),
    networks: Iterable[str] = (),
    states: Iterable[str] = (),
    people: Iterable = (),
    campaigns: Iterable = (),
    labels: Iterable = (),
) -> list[tuple[datetime.datetime, SocialPost]]:
    """The posts planned from `start` to before `end`, wall-clock times in `zone`, each with its time there.

    Posts keep the zone that they were planned in; here they are all shown on one
    clock. Filters that are empty leave everything in. Two queries, whatever the range.
    """
    if end - start > LONGEST:
        raise RangeTooLong(f"At most {LONGEST.days} days can be read at a time.")
    start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    posts = (
        SocialPost.objects.for_organization(organization)
        .filter(
            planned_local__gte=(start - FURTHEST).replace(tzinfo=datetime.UTC),
            planned_local__lt=(end + FURTHEST).replace(tzinfo=datetime.UTC),
        )
        .select_related("owner", "campaign")
        .defer_streamfields()
        .prefetch_related("channels")
    )
    if channels:
        posts = posts.filter(channels__in=list(channels))
    if networks:
        posts = posts.filter(channels__network__in=list(networks))
    if states:
        posts = posts.filter(Q(state__in=list(states)) | Q(draft_state__in=list(states)))
    if people:
        posts = posts.filter(owner__in=list(people))
    if campaigns:
        posts = posts.filter(campaign__in=list(campaigns))
    if labels:
        posts = posts.filter(labels__in=list(labels))
    shown = []
    for post in posts.order_by("planned_local", "pk").distinct():
        at = local_time_in(post, zone, organization)
        if start <= at < end:
            shown.append((at, post))
    return sorted(shown, key=lambda entry: (entry[0], entry[1].pk))


def local_time_in(post, zone: str, organization) -> datetime.datetime:
    """The post's planned time as clocks in `zone` show it, naive."""
    own = post.planned_timezone or organization.timezone
    if own == zone:
        return post.planned_local.replace(tzinfo=None)
    return to_local(to_utc(post.planned_local, own).utc, zone)
