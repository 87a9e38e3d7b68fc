"""A draft on its way to approval: submit, approve, ask for changes, take back.

Each function checks the person's role, locks the post, and returns it fresh.
An approval is always of the newest revision, and says which one that was.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import TaskState, WorkflowState

from organizations.problems import Conflict, Forbidden, Problem
from organizations.roles import Action, require
from webhooks.events import EventType

from .models import ApprovalTask, SocialPost, StageApproval
from .problems import NothingToPublish, RevisionChanged
from .states import refresh_state
from .telling import tell


def locked(post) -> SocialPost:
    """The post as it is in the database now, locked until the transaction ends."""
    return SocialPost.objects.select_for_update(of=("self",)).get(pk=post.pk)


@transaction.atomic
def submit_post(post, *, user) -> SocialPost:
    """Asks the organization's approvers to review the newest revision."""
    require(user, Action.SUBMIT, organization=post.organization)
    post = locked(post)
    if post.get_latest_revision_as_object().is_blank():
        raise NothingToPublish(_("The post is empty. Write something or add a picture before you submit it."))
    review = post.current_workflow_state
    if review and review.status == WorkflowState.STATUS_IN_PROGRESS:
        raise Conflict(_("This post is already in review."))
    if post.latest_revision_id and post.latest_revision_id == post.approved_revision_id:
        raise Conflict(_("This version is already approved. It can be scheduled."))
    workflow = post.get_workflow()
    if workflow is None or not workflow.tasks.filter(active=True).exists():
        raise Conflict(_("Your organization has no review. The post can be scheduled right away."))
    if review:
        review.resume(user)
    else:
        workflow.start(post, user)
    return _told(post, EventType.POST_SUBMITTED, user)


@transaction.atomic
def approve_post(post, *, user, comment: str = "", revision_id: int | None = None) -> SocialPost:
    """Approves the newest revision at the current stage of its review.

    `revision_id` is the revision that the person looked at: a newer one raises
    RevisionChanged instead of being approved unseen. After the last stage the
    revision is the approved one, and only that one can be scheduled.
    """
    post, task_state, stage = _under_review(post, user=user)
    _check_seen(post, revision_id)
    comment = comment or ""
    if stage.needs_all:
        StageApproval.objects.get_or_create(
            task_state=task_state, revision_id=post.latest_revision_id, user=user, defaults={"comment": comment}
        )
        given = StageApproval.objects.filter(task_state=task_state, revision_id=post.latest_revision_id)
        missing = stage.people().exclude(pk__in=given.values("user"))
        if not stage.own_posts:
            missing = missing.exclude(pk=post.owner_id)
        if missing.exists():
            return _told(post, EventType.POST_APPROVED, user, comment=comment)
    task_state.approve(user=user, comment=comment)
    post.refresh_from_db()
    return _told(post, EventType.POST_APPROVED, user, comment=comment)


@transaction.atomic
def request_changes(post, *, user, comment: str) -> SocialPost:
    """Sends the post back to its author, with a comment that says what to change."""
    post, task_state, _stage = _under_review(post, user=user)
    if not (comment or "").strip():
        raise Problem(_("Say what should change: the author sees your comment."))
    task_state.reject(user=user, comment=comment.strip())
    return _told(post, EventType.POST_CHANGES_REQUESTED, user, comment=comment.strip())


@transaction.atomic
def decide_from_outside(post, *, approves: bool, comment: str, client: dict) -> SocialPost:
    """A client's word at a stage that takes it. Only `client_review` asks for it, after it has checked the link.

    `client` says who that is, for tools: nobody of the organization is the actor.
    """
    post = locked(post)
    stage = stage_of(post)
    if stage is None or not stage.by_link:
        raise Conflict(_("This post does not wait for a client."))
    decide = post.current_workflow_task_state.approve if approves else post.current_workflow_task_state.reject
    decide(user=None, comment=comment)
    post.refresh_from_db()
    event_type = EventType.POST_APPROVED if approves else EventType.POST_CHANGES_REQUESTED
    return _told(post, event_type, None, comment=comment, client=client)


@transaction.atomic
def withdraw_post(post, *, user) -> SocialPost:
    """Takes the post back out of review, so that it can be edited."""
    require(user, Action.SUBMIT, organization=post.organization)
    post = locked(post)
    review = post.current_workflow_state
    if not review:
        raise Conflict(_("This post is not in review."))
    review.cancel(user=user)
    return _told(post, EventType.POST_WITHDRAWN, user)


def record_approval(workflow_state, user) -> None:
    """The last stage approved: binds the approval to the revision that was reviewed."""
    post = workflow_state.content_object.specific
    revision_id = (
        workflow_state.task_states.filter(status=TaskState.STATUS_APPROVED)
        .order_by("-finished_at", "-pk")
        .values_list("revision_id", flat=True)
        .first()
    )
    SocialPost.objects.filter(pk=post.pk).update(
        approved_revision_id=revision_id, approved_by=user, approved_at=timezone.now()
    )


def stage_of(post) -> ApprovalTask | None:
    """The stage of review that the post is at, if any."""
    task = post.current_workflow_task
    return task if isinstance(task, ApprovalTask) else None


def due_times(posts: Iterable[SocialPost]) -> dict[int, datetime]:
    """By id, until when the stage that a post waits at wants it decided; posts without are left out. One query."""
    waiting = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        workflow_state__object_id__in=[str(post.pk) for post in posts],
        task__approvaltask__due_hours__isnull=False,
    ).values_list("workflow_state__object_id", "started_at", "task__approvaltask__due_hours")
    return {int(pk): started + timedelta(hours=hours) for pk, started, hours in waiting}


def _told(post, event_type: EventType, user, **more) -> SocialPost:
    """The post with its state brought up to date, after tools were told."""
    post = refresh_state(post)
    tell(post, event_type, user=user, **more)
    return post


def _under_review(post, *, user) -> tuple[SocialPost, TaskState, ApprovalTask]:
    require(user, Action.APPROVE, organization=post.organization)
    post = locked(post)
    stage = stage_of(post)
    if stage is None:
        raise Conflict(_("This post is not in review. Somebody may have approved it or taken it back already."))
    if not stage.may_decide(post, user):
        if not stage.own_posts and post.owner_id == user.pk:
            raise Forbidden(_("In your organization somebody else has to approve what you wrote."))
        raise Forbidden(_("You are not among the people who approve at the stage “%(stage)s”.") % {"stage": stage.name})
    return post, post.current_workflow_task_state, stage


def _check_seen(post, revision_id) -> None:
    if revision_id is not None and int(revision_id) != post.latest_revision_id:
        raise RevisionChanged(
            _("Somebody changed the post after you opened it. Look at it again, then approve what you see.")
        )
