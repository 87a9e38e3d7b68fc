"""What a person may do next with a post, in the order in which it is offered."""

from dataclasses import dataclass

from django.db.models import Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Workflow, WorkflowTask

from organizations.roles import ACTIONS_OF_ROLE, Action, role_of
from publishing.models import Delivery

from . import planning
from .models import ApprovalTask, SocialPost
from .queues import QueueSlot
from .reviewing import stage_of

State = SocialPost.State


@dataclass(frozen=True)
class Step:
    """One button. With a `url` it is a link, or a form of its own where `posts`; else it saves the editor first."""

    name: str
    label: str
    icon: str
    url: str = ""
    posts: bool = False
    primary: bool = False


def steps_for(post, user, *, parent=None) -> list[Step]:
    """The steps of `post` for `user`; for a new post, `parent` is the workspace it will be in."""
    organization = post.organization or parent.organization
    role = role_of(user, organization)
    may = ACTIONS_OF_ROLE[role] if role else set()
    stage = stage_of(post) if post.pk else None
    waiting = bool(post.pk) and post.deliveries.exclude(state__in=Delivery.FINAL).exists()
    if stage is not None:
        return [*_steps_in_review(post, user, stage, may), *(_steps_of_waiting(post, may) if waiting else [])]

    steps = []
    approved = bool(post.pk) and post.latest_revision_id == post.approved_revision_id is not None
    if organization.approval_required and not approved:
        first_stage = _first_stage(post, parent)
        if first_stage and Action.SUBMIT in may:
            steps.append(Step("submit", _("Submit for review"), "upload", primary=True))
        if first_stage and post.pk and Action.APPROVE in may and first_stage.may_decide(post, user):
            steps += [Step("approve", _("Approve"), "success"), *_at_once_for_its_time(post, may)]
    elif post.pk and Action.PUBLISH in may and not waiting and post.state != State.PUBLISHED:
        steps.append(Step("schedule", _("Schedule…"), "calendar-alt", primary=True))
        if _has_slots(post):
            steps.append(Step("queue", _("Add to queue"), "list-ul"))
        steps.append(Step("publish", _("Publish now…"), "rotate"))
    if waiting:
        steps += _steps_of_waiting(post, may)
    return steps


def _steps_in_review(post, user, stage: ApprovalTask, may) -> list[Step]:
    steps = []
    if Action.APPROVE in may and stage.may_decide(post, user):
        steps += [Step("approve", _("Approve"), "success", primary=True), *_at_once_for_its_time(post, may)]
        url = reverse("posts:request_changes", args=[post.pk])
        steps.append(Step("request_changes", _("Request changes…"), "edit", url))
    if Action.SUBMIT in may:
        url = reverse("posts:withdraw", args=[post.pk])
        steps.append(Step("withdraw", _("Take back from review"), "undo", url, posts=True))
    return steps


def _at_once_for_its_time(post, may) -> list[Step]:
    """Approving and scheduling in one, for a post whose author has planned a time that is still to come."""
    if Action.PUBLISH not in may or not planning.has_time_to_come(post):
        return []
    label = _("Approve and schedule for %s") % date_format(post.planned_local.replace(tzinfo=None), "j M, H:i")
    return [Step("approve_schedule", label, "calendar-check")]


def _steps_of_waiting(post, may) -> list[Step]:
    if Action.PUBLISH not in may:
        return []
    return [
        Step("reschedule", _("Reschedule…"), "calendar-alt", reverse("posts:schedule", args=[post.pk])),
        Step("unschedule", _("Unschedule…"), "cross", reverse("posts:unschedule", args=[post.pk])),
    ]


def _has_slots(post) -> bool:
    return QueueSlot.objects.filter(queue__channel__in=post.channels.all(), queue__paused_at=None).exists()


def _first_stage(post, parent) -> ApprovalTask | None:
    """The stage that a review of the post begins with: that of the nearest workflow above, in one query."""
    page = post if post.pk else parent
    above = [page.path[:length] for length in range(page.steplen, len(page.path) + 1, page.steplen)]
    nearest = Workflow.objects.filter(active=True, workflow_pages__page__path__in=above)
    first = (
        WorkflowTask.objects.filter(
            workflow=Subquery(nearest.order_by("-workflow_pages__page__depth").values("pk")[:1]), task__active=True
        )
        .select_related("task__approvaltask")
        .order_by("sort_order")
        .first()
    )
    return getattr(first.task, "approvaltask", None) if first else None
