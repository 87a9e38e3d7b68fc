"""The same thing done with many posts: each for itself, each with what happened and why not.

Every step is the one that a single post takes, with its checks of role and
state; one post that is refused keeps no other back.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from organizations.problems import Problem
from publishing.localtime import to_local, to_utc

from . import drafting, planning, queueing, sorting
from .models import SocialPost
from .presenting import local_moment

MOST = 200


class TooMany(Problem):
    slug = "too-many-posts"
    title = "Too many posts at once"


@dataclass(frozen=True)
class Outcome:
    """What became of one post: what was done, or the reason why nothing was."""

    post: SocialPost
    done: bool
    said: str


def chosen(organization, ids: Iterable) -> list[SocialPost]:
    """The organization's posts among `ids`, in the order of the list; ids of others do not exist. Raises TooMany."""
    numbers = [int(each) for each in ids if str(each).isdecimal()]
    if len(numbers) > MOST:
        raise TooMany(_("Choose at most %(most)s posts at a time.") % {"most": MOST})
    posts = SocialPost.objects.for_organization(organization).select_related("organization", "owner", "campaign")
    found = posts.prefetch_related("labels", "channels").in_bulk(numbers)
    return [found[number] for number in dict.fromkeys(numbers) if number in found]


def for_each(posts: Iterable[SocialPost], step: Callable[[SocialPost], str]) -> list[Outcome]:
    """Takes `step` with each post, in a transaction of its own; `step` answers with what it did."""
    outcomes = []
    for post in posts:
        try:
            with transaction.atomic():
                outcomes.append(Outcome(post, True, step(post)))
        except Problem as problem:
            outcomes.append(Outcome(post, False, problem.detail))
    return outcomes


def submit(posts, *, user) -> list[Outcome]:
    def step(post):
        planning.submit_post(post, user=user)
        return _("Submitted for review.")

    return for_each(posts, step)


def approve(posts, *, user, seen: dict[int, int] | None = None) -> list[Outcome]:
    """`seen` says which revision of each post the person looked at; a newer one is not approved unseen."""

    def step(post):
        after = planning.approve_post(post, user=user, revision_id=(seen or {}).get(post.pk))
        if after.draft_state == SocialPost.State.APPROVED:
            return _("Approved.")
        return _("Your approval is noted; others have to approve as well.")

    return for_each(posts, step)


def unschedule(posts, *, user) -> list[Outcome]:
    def step(post):
        planning.unschedule_post(post, user=user)
        return _("Taken off the schedule.")

    return for_each(posts, step)


def queue(posts, *, user) -> list[Outcome]:
    def step(post):
        placed = queueing.queue_post(post, user=user)
        scheduled = placed.post.state == SocialPost.State.SCHEDULED
        return (_("Scheduled for %s.") if scheduled else _("Planned for %s.")) % placed.when

    return for_each(posts, step)


def delete(posts, *, user) -> list[Outcome]:
    def step(post):
        drafting.delete_post(post, user=user)
        return _("Deleted.")

    return for_each(posts, step)


def sort(posts, *, user, add=(), remove=(), **changes) -> list[Outcome]:
    """Puts the posts into `campaign` (None takes them out of theirs), and gives or takes labels."""

    def step(post):
        labels = (set(post.labels.all()) | set(add)) - set(remove)
        sorting.sort_post(post, user=user, labels=labels, **changes)
        return _("Sorted.")

    return for_each(posts, step)


def shift(posts, *, user, by: datetime.timedelta) -> list[Outcome]:
    """Moves each post by as much on its own clock: nine o'clock stays nine o'clock across a clock change."""

    def step(post):
        if not post.planned_local:
            raise Problem(_("It has no time yet that could be moved."))
        zone = post.planned_timezone or post.organization.timezone
        return _plan(post, post.planned_local.replace(tzinfo=None) + by, zone, user)

    return for_each(posts, step)


def move_to(posts, *, user, local_time: datetime.datetime, timezone: str, apart: datetime.timedelta) -> list[Outcome]:
    """Plans the first post for `local_time` and each further one `apart` later, in elapsed time."""
    first = to_utc(local_time, timezone).utc
    places = {post.pk: place for place, post in enumerate(posts)}

    def step(post):
        return _plan(post, to_local(first + apart * places[post.pk], timezone), timezone, user)

    return for_each(posts, step)


def _plan(post, local: datetime.datetime, zone: str, user) -> str:
    moment = to_utc(local, zone)
    planning.plan_post(post, local_time=moment.local, timezone=zone, user=user)
    return " ".join(filter(None, [_("Now %s.") % local_moment(moment.local, zone), moment.note]))
