"""What lets editors of the public site work on it: permissions on its pages, and a review among themselves."""

from wagtail.models import GroupApprovalTask, Workflow, WorkflowPage, WorkflowTask

from organizations import site_editors

REVIEW = "Review of the public site"


def let_editors_edit(home) -> None:
    """Gives site editors the pages from `home` down, and once a review. Saying it twice changes nothing.

    A home page that has a review already keeps it; one that an operator took away stays away.
    """
    group = site_editors.let_edit(home)
    if WorkflowPage.objects.filter(page_id=home.pk).exists() or GroupApprovalTask.objects.filter(groups=group).exists():
        return
    task = GroupApprovalTask.objects.create(name=REVIEW)
    task.groups.add(group)
    workflow = Workflow.objects.create(name=REVIEW)
    WorkflowTask.objects.create(workflow=workflow, task=task)
    WorkflowPage.objects.create(page_id=home.pk, workflow=workflow)
