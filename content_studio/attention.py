"""Which posts wait for a person, which go out next, and what failed: for the studio's home, in fixed queries."""

from dataclasses import dataclass, field

from wagtail.models import TaskState, WorkflowState

from organizations.roles import Action, may
from publishing.models import Delivery

from .models import ApprovalTask, SocialPost
from .reviewing import due_times

State = SocialPost.State


@dataclass
class Outgoing:
    """A post that goes out at one moment, with the channels it goes to."""

    post: SocialPost
    deliveries: list[Delivery] = field(default_factory=list)


def to_review(organization, user, *, limit: int = 8) -> list[SocialPost]:
    """Posts whose present stage of review `user` may decide, those that wait longest first."""
    if not may(user, Action.APPROVE, organization=organization):
        return []
    stages = ApprovalTask.objects.filter(organization=organization).prefetch_related("approvers")
    mine = [stage for stage in stages if not stage.approvers.all() or user in stage.approvers.all()]
    waiting = dict(
        TaskState.objects.filter(
            task__in=mine,
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        )
        .order_by("started_at")
        .values_list("workflow_state__object_id", "task_id")
    )
    not_own = {str(stage.pk) for stage in mine if not stage.own_posts}
    posts = {
        str(post.pk): post
        for post in SocialPost.objects.for_organization(organization).filter(pk__in=waiting).select_related("owner")
    }
    found = [
        posts[pk]
        for pk, stage in waiting.items()
        if pk in posts and not (str(stage) in not_own and posts[pk].owner_id == user.pk)
    ]
    found = found[:limit]
    due = due_times(found)
    for post in found:
        post.review_due = due.get(post.pk)
    return found


def sent_back_to(user, organization, *, limit: int = 8):
    """One's own posts for which a reviewer asked for changes."""
    return (
        SocialPost.objects.for_organization(organization)
        .filter(owner=user, draft_state=State.CHANGES_REQUESTED)
        .order_by("-latest_revision_created_at")[:limit]
    )


def drafts_of(user, organization, *, limit: int = 5):
    """One's own unfinished posts, the newest first."""
    return (
        SocialPost.objects.for_organization(organization)
        .filter(owner=user, draft_state=State.DRAFT)
        .order_by("-latest_revision_created_at")[:limit]
    )


def approved_unplanned(organization, *, limit: int = 5):
    """Approved posts that nobody has scheduled yet."""
    return (
        SocialPost.objects.for_organization(organization)
        .filter(state=State.APPROVED)
        .order_by("-latest_revision_created_at")[:limit]
    )


def going_out(organization, *, limit: int = 6) -> list[Outgoing]:
    """What goes out next, soonest first."""
    deliveries = (
        Delivery.objects.for_organization(organization)
        .filter(state__in=Delivery.WAITING)
        .select_related("channel")
        .order_by("due_at")[: limit * 6]
    )
    return _by_post(deliveries)[:limit]


def gone_wrong(organization, *, limit: int = 6) -> list[Outgoing]:
    """What failed and nobody has dealt with yet, the latest first."""
    deliveries = (
        Delivery.objects.for_organization(organization)
        .filter(state=Delivery.State.FAILED)
        .select_related("channel")
        .order_by("-due_at")[: limit * 6]
    )
    return _by_post(deliveries)[:limit]


def _by_post(deliveries) -> list[Outgoing]:
    deliveries = list(deliveries)
    posts = SocialPost.objects.filter(uuid__in={each.post_id for each in deliveries}).in_bulk(field_name="uuid")
    outgoing: dict = {}
    for delivery in deliveries:
        if delivery.post_id in posts:
            entry = outgoing.setdefault(delivery.post_id, Outgoing(posts[delivery.post_id]))
            entry.deliveries.append(delivery)
    return list(outgoing.values())
