"""What happens to a post between draft and network: review, schedule, publish. The only way to it.

Studio and API call these functions; each checks the person's role. Where the
organization asks for approval, nothing but the approved revision ever becomes
a delivery, and this module is the only caller of `publishing.scheduling`.
"""

import datetime
import zoneinfo

from django.db import transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from organizations.problems import Conflict
from organizations.roles import Action, require
from publishing import scheduling
from publishing.localtime import to_utc
from publishing.models import Delivery
from webhooks.events import EventType

from .checks import check_messages
from .messages import messages_for
from .models import SocialPost
from .problems import ApprovalNeeded, ChecksFailed, NothingToPublish
from .reviewing import approve_post, locked, request_changes, stage_of, submit_post, withdraw_post
from .states import UNDERWAY, refresh_state
from .telling import tell

__all__ = [
    "approve_and_schedule",
    "approve_post",
    "plan_post",
    "publish_post_now",
    "refresh_state",
    "request_changes",
    "schedule_post",
    "stage_of",
    "submit_post",
    "unschedule_post",
    "withdraw_post",
]


@transaction.atomic
def schedule_post(post, *, local_time: datetime.datetime, timezone: str, user) -> list[Delivery]:
    """Plans the post for a moment on the clock of `timezone`, or moves it there.

    What is scheduled already keeps its revision and only moves; a newer
    approved revision takes its place.
    """
    require(user, Action.PUBLISH, organization=post.organization)
    post = locked(post)
    local_time = local_time.replace(tzinfo=None)
    waiting = _waiting(post)
    revision = _revision_to_send(post, waiting)
    if waiting and {delivery.revision_id for delivery in waiting} == {revision.pk}:
        scheduling.reschedule_deliveries(post_id=post.uuid, local_time=local_time, timezone=timezone)
        deliveries = _waiting(post)
    else:
        messages = _messages_to_send(post, revision)
        _clear_the_way(post, user=user)
        deliveries = scheduling.schedule_deliveries(
            organization=post.organization,
            post_id=post.uuid,
            revision_id=revision.pk,
            messages=messages,
            local_time=local_time,
            timezone=timezone,
            user=user,
        )
    _remember_plan(post, local_time, timezone)
    tell(refresh_state(post), EventType.POST_SCHEDULED, user=user)
    return deliveries


@transaction.atomic
def approve_and_schedule(post, *, user, comment: str = "", revision_id: int | None = None) -> SocialPost:
    """Approves the post, and schedules it for its planned time where that completes the review.

    Both or nothing: what cannot be scheduled is not approved either, and the reason is raised.
    """
    post = approve_post(post, user=user, comment=comment, revision_id=revision_id)
    if post.draft_state == SocialPost.State.APPROVED:
        if not has_time_to_come(post):
            raise Conflict(_("The planned time has passed or was taken away. Approve the post, then schedule it."))
        zone = post.planned_timezone or post.organization.timezone
        schedule_post(post, local_time=post.planned_local, timezone=zone, user=user)
    return locked(post)


def has_time_to_come(post) -> bool:
    """True if the post is planned for a time that has not passed."""
    if not post.planned_local:
        return False
    zone = post.planned_timezone or post.organization.timezone
    return to_utc(post.planned_local.replace(tzinfo=None), zone).utc > clock.now()


@transaction.atomic
def plan_post(post, *, local_time: datetime.datetime, timezone: str, user) -> SocialPost:
    """Plans the post for another time: moves what is scheduled, or else notes the wish. Schedules nothing new."""
    require(user, Action.WRITE, organization=post.organization)
    post = locked(post)
    if _waiting(post):
        schedule_post(post, local_time=local_time, timezone=timezone, user=user)
        return locked(post)
    if post.state in (SocialPost.State.PUBLISHED, SocialPost.State.FAILED):
        raise Conflict(_("This post has gone out already, so its time cannot change."))
    if to_utc(local_time, timezone).utc <= clock.now():
        raise Conflict(_("This time has already passed. Choose a later one."))
    _remember_plan(post, local_time.replace(tzinfo=None), timezone)
    tell(post, EventType.POST_PLANNED, user=user)
    return post


@transaction.atomic
def publish_post_now(post, *, user) -> list[Delivery]:
    """Sends the post to all its channels as soon as a worker is free."""
    require(user, Action.PUBLISH, organization=post.organization)
    post = locked(post)
    revision = _revision_to_send(post, _waiting(post))
    messages = _messages_to_send(post, revision)
    _clear_the_way(post, user=user)
    deliveries = scheduling.publish_now(
        organization=post.organization,
        post_id=post.uuid,
        revision_id=revision.pk,
        messages=messages,
        user=user,
    )
    zone = post.planned_timezone or post.organization.timezone
    _remember_plan(post, clock.now().astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None, microsecond=0), zone)
    tell(refresh_state(post), EventType.POST_SCHEDULED, user=user)
    return deliveries


@transaction.atomic
def unschedule_post(post, *, user) -> SocialPost:
    """Takes back what has not gone out yet. What is being sent at this moment cannot be taken back."""
    require(user, Action.PUBLISH, organization=post.organization)
    post = locked(post)
    if not scheduling.cancel_deliveries(post_id=post.uuid):
        raise Conflict(_("Nothing of this post is waiting to go out."))
    tell(refresh_state(post), EventType.POST_UNSCHEDULED, user=user)
    return post


def revision_to_send(post):
    """The revision that scheduling would send now; raises the Problem that stands in the way."""
    return _revision_to_send(post, _waiting(post))


def _waiting(post) -> list[Delivery]:
    return list(post.deliveries.filter(state__in=Delivery.WAITING).select_related("channel"))


def _revision_to_send(post, waiting: list[Delivery]):
    """The newest revision if it may go out; else what is scheduled already; else a Problem."""
    latest = post.latest_revision
    if latest is None:
        raise NothingToPublish(_("The post is empty. Write something or add a picture first."))
    if not post.organization.approval_required:
        return latest
    if post.approved_revision_id == latest.pk:
        return latest
    if waiting:  # approved when it was scheduled; the newer draft has to wait for its own approval
        return post.revisions.get(pk=waiting[0].revision_id)
    if post.approved_revision_id:
        raise ApprovalNeeded(
            _("The post was edited after it was approved. Submit the new version for review, or restore the approved.")
        )
    raise ApprovalNeeded(_("The post has to be approved first. Submit it for review."))


def _messages_to_send(post, revision) -> dict:
    """One message per channel that has not got the post yet and is not getting it right now."""
    content = revision.as_object()
    if content.is_blank():
        raise NothingToPublish(_("The post is empty. Write something or add a picture first."))
    messages = messages_for(content)
    if not messages:
        raise NothingToPublish(_("Choose at least one channel for the post to go to."))
    done = channels_that_have_it(post)
    messages = {channel: message for channel, message in messages.items() if channel.pk not in done}
    if not messages:
        raise Conflict(_("The post has gone out to all its channels. Duplicate it to publish it again."))
    findings = [
        {"channel": str(check.channel), "code": finding.code, "message": finding.message, "fix": finding.fix}
        for check in check_messages(messages, post=content)
        for finding in check.findings
        if finding.blocking
    ]
    if findings:
        first = findings[0]
        raise ChecksFailed(
            _("The post cannot go to %(channel)s yet: %(message)s %(fix)s")
            % {"channel": first["channel"], "message": first["message"], "fix": first["fix"]},
            findings=findings,
        )
    return messages


def channels_that_have_it(post) -> set:
    """Ids of the channels that the post is published on, or is being sent to at this moment."""
    underway = [state for state in UNDERWAY if state not in Delivery.WAITING]
    return set(
        post.deliveries.filter(state__in=[Delivery.State.PUBLISHED, *underway]).values_list("channel_id", flat=True)
    )


def _clear_the_way(post, *, user) -> None:
    """Calls off what waits, and what failed: it is sent anew."""
    scheduling.cancel_deliveries(post_id=post.uuid)
    for delivery in post.deliveries.filter(state=Delivery.State.FAILED):
        scheduling.cancel_delivery(delivery, user=user)


def _remember_plan(post, local_time: datetime.datetime, timezone: str) -> None:
    post.planned_local, post.planned_timezone = local_time.replace(tzinfo=datetime.UTC), timezone
    SocialPost.objects.filter(pk=post.pk).update(
        planned_local=post.planned_local, planned_timezone=post.planned_timezone
    )
