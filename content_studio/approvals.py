"""Where posts wait for people: the stages of a review, who approved at which, and whom somebody reminded."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState

from organizations.models import Organization, User
from organizations.roles import ACTIONS_OF_ROLE, Action


class ApprovalTask(Task):
    """One stage of an organization's review.

    Approvers are the people whose role allows it, or those of them who are
    named. `needs_all` asks each of them; otherwise one is enough.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="approval_tasks")
    approvers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approvers"),
        blank=True,
        related_name="+",
        help_text=_("Nobody chosen means: everybody whose role allows approving."),
    )
    needs_all = models.BooleanField(_("everybody has to approve"), default=False)
    own_posts = models.BooleanField(_("people may approve their own posts"), default=True)
    due_hours = models.PositiveSmallIntegerField(_("decide within (hours)"), null=True, blank=True)
    by_link = models.BooleanField(_("a client may approve by a review link"), default=False)

    class Meta:
        verbose_name = _("approval stage")
        verbose_name_plural = _("approval stages")

    @property
    def due_after(self) -> datetime.timedelta | None:
        """How long a post may wait here before people are asked again."""
        return datetime.timedelta(hours=self.due_hours) if self.due_hours else None

    def everybody(self):
        """Those whose role in the organization allows approving: a queryset of people."""
        roles = [role for role, actions in ACTIONS_OF_ROLE.items() if Action.APPROVE in actions]
        return User.objects.filter(
            is_active=True, memberships__organization=self.organization_id, memberships__role__in=roles
        ).order_by("first_name", "email")

    def people(self):
        """Those who may approve at this stage: a queryset of people."""
        named = ApprovalTask.approvers.through.objects.filter(approvaltask=self)
        return self.everybody().filter(~Exists(named) | Exists(named.filter(user=OuterRef("pk"))))

    def may_decide(self, post, user) -> bool:
        """True if `user` may approve or ask for changes at this stage of this post."""
        if not self.own_posts and post.owner_id == user.pk:
            return False
        return self.people().filter(pk=user.pk).exists()

    # What Wagtail asks of a task.

    def user_can_access_editor(self, obj, user):
        return self.people().filter(pk=user.pk).exists()

    def locked_for_user(self, obj, user):
        return not self.people().filter(pk=user.pk).exists()

    def get_actions(self, obj, user):
        if not self.may_decide(obj, user):
            return []
        return [("reject", _("Request changes"), True), ("approve", _("Approve"), False)]

    @transaction.atomic
    def on_action(self, task_state, user, action_name, **kwargs):
        """Wagtail's own approval buttons take the same way as the studio's."""
        from . import reviewing

        post = task_state.workflow_state.content_object.specific
        comment = kwargs.get("comment", "")
        if action_name == "approve":
            reviewing.approve_post(post, user=user, comment=comment)
        elif action_name == "reject":
            reviewing.request_changes(post, user=user, comment=comment)

    def get_task_states_user_can_moderate(self, user, **kwargs):
        if self.people().filter(pk=user.pk).exists():
            return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        return TaskState.objects.none()

    @classmethod
    def get_description(cls):
        return _("People of the organization approve the post")


class StageApproval(models.Model):
    """One person's approval of one revision, at a stage that asks several."""

    task_state = models.ForeignKey("wagtailcore.TaskState", on_delete=models.CASCADE, related_name="stage_approvals")
    revision = models.ForeignKey("wagtailcore.Revision", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["task_state", "revision", "user"], name="one_approval_per_person_and_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.revision_id}"


class ReviewReminder(models.Model):
    """That people were reminded of a post at a stage, on one of the days after its time was over."""

    task_state = models.ForeignKey("wagtailcore.TaskState", on_delete=models.CASCADE, related_name="+")
    day = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["task_state", "day"], name="one_reminder_a_day")]

    def __str__(self) -> str:
        return f"{self.task_state_id}: {self.day}"
