"""What a new organization gets here: the workspace for its posts, and the review that they pass."""

from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import Workflow, WorkflowPage, WorkflowTask

from organizations.groups import grant_page_permissions
from organizations.models import BasePage
from organizations.signals import organization_created

from .models import ApprovalTask, Workspace


@receiver(organization_created)
def prepare_organization(organization, owner, **kwargs):
    """Inside the transaction that makes the organization."""
    workspace = make_workspace(organization, owner=owner)
    make_review(organization, workspace)


def make_workspace(organization, *, owner) -> Workspace:
    """The page below which all of the organization's posts live."""
    # Two children added to one parent at the same moment would get the same place.
    root = BasePage.objects.select_for_update().get(depth=1)
    workspace = Workspace(
        title=organization.name,
        slug=f"workspace-{organization.slug}",
        organization=organization,
        owner=owner,
        live=False,
    )
    root.add_child(instance=workspace)
    grant_page_permissions(organization, workspace)
    return workspace


def make_review(organization, workspace) -> Workflow:
    """A review of one stage, by everybody whose role may approve."""
    task = ApprovalTask.objects.create(name=_("Approval"), organization=organization)
    workflow = Workflow.objects.create(name=_("Review: %(name)s") % {"name": organization.name})
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page=workspace)
    return workflow
