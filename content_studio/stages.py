"""The stages of an organization's review: which there are, in which order, and who approves at each."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import TaskState, WorkflowState, WorkflowTask

from billing.entitlements import plan_of
from organizations.problems import Conflict, NotFound, Problem
from organizations.roles import Action, require

from .models import ApprovalTask, Workspace


class TooManyStages(Problem):
    slug = "too-many-stages"
    status = 402
    title = "Your plan has no further stage of review"


def workflow_of(organization):
    """The organization's review."""
    workspace = Workspace.objects.filter(organization=organization).first()
    workflow = workspace and workspace.get_workflow()
    if workflow is None:
        raise NotFound(_("This organization has no review. Ask an operator to repair it."))
    return workflow


def stages_of(organization) -> list[ApprovalTask]:
    """The stages in the order in which a post passes them."""
    return list(
        ApprovalTask.objects.filter(
            organization=organization, active=True, workflow_tasks__workflow=workflow_of(organization)
        )
        .order_by("workflow_tasks__sort_order")
        .prefetch_related("approvers")
    )


def may_add_stage(organization) -> bool:
    return len(stages_of(organization)) < plan_of(organization).review_stages


@transaction.atomic
def save_stage(
    organization,
    *,
    user,
    name,
    approvers=(),
    needs_all=False,
    own_posts=True,
    by_link=False,
    due_hours=None,
    stage=None,
) -> ApprovalTask:
    """Changes `stage`, or adds one at the end. Raises Forbidden or TooManyStages.

    Nobody in `approvers` means everybody whose role allows approving.
    """
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    workflow = workflow_of(organization)
    if stage is None:
        if not may_add_stage(organization):
            limit = plan_of(organization).review_stages
            raise TooManyStages(
                ngettext(
                    "Your plan includes %(limit)s stage of review. A bigger plan has more.",
                    "Your plan includes %(limit)s stages of review. A bigger plan has more.",
                    limit,
                )
                % {"limit": limit}
            )
        stage = ApprovalTask(organization=organization)
    stage.name, stage.needs_all, stage.own_posts = name, needs_all, own_posts
    stage.by_link, stage.due_hours = by_link, due_hours
    stage.save()
    stage.approvers.set(approvers)
    last = WorkflowTask.objects.filter(workflow=workflow).aggregate(last=Max("sort_order"))["last"]
    WorkflowTask.objects.get_or_create(
        workflow=workflow, task=stage, defaults={"sort_order": 0 if last is None else last + 1}
    )
    return stage


@transaction.atomic
def remove_stage(stage: ApprovalTask, *, user) -> None:
    """Takes a stage out of the review. Raises Conflict for the only one, and while posts wait at it."""
    organization = stage.organization
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    if len(stages_of(organization)) == 1:
        raise Conflict(
            _("A review has at least one stage. To do without, switch off “Posts need approval” in the settings.")
        )
    waiting = TaskState.objects.filter(
        task=stage,
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
    ).count()
    if waiting:
        raise Conflict(
            ngettext(
                "%(count)s post waits at this stage. Decide it first.",
                "%(count)s posts wait at this stage. Decide them first.",
                waiting,
            )
            % {"count": waiting}
        )
    WorkflowTask.objects.filter(workflow=workflow_of(organization), task=stage).delete()
    stage.active = False
    stage.save()


@transaction.atomic
def move_stage(stage: ApprovalTask, *, by: int, user) -> None:
    """Moves a stage `by` places, negative towards the beginning; at the ends nothing happens."""
    require(user, Action.MANAGE_SETTINGS, organization=stage.organization)
    order = stages_of(stage.organization)
    at = order.index(stage)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    workflow = workflow_of(stage.organization)
    for place, each in enumerate(order):
        WorkflowTask.objects.filter(workflow=workflow, task=each).update(sort_order=place)
