"""Mails about review, in the product's words: asked to look, approved, changes requested, still waiting.

Each person chooses under “Account → Notifications” which of them they get.
Mails are kept in the transaction that they tell of (see `organizations.mailing`).
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone as clock
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.admin import signal_handlers as wagtails
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted
from wagtail.users.models import UserProfile

from organizations import mails
from organizations.models import User

from .models import ApprovalTask, ReviewReminder, SocialPost
from .presenting import in_zone

MOST_REMINDERS = 3
ABOUT_COMMENTS = ("mentioned", "commented", "answered", "resolved")
WAGTAILS = (
    (task_submitted, TaskState, "group_approval_task_submitted", wagtails.task_submission_email_notifier),
    (workflow_submitted, WorkflowState, "workflow_state_submitted", wagtails.workflow_submission_email_notifier),
    (workflow_rejected, WorkflowState, "workflow_state_rejected", wagtails.workflow_rejection_email_notifier),
    (workflow_approved, WorkflowState, "workflow_state_approved", wagtails.workflow_approval_email_notifier),
)


def leave_posts_to_us() -> None:
    """Wagtail's own mails speak of pages: from here on they are sent for pages of the site alone."""
    for signal, sender, name, notifier in WAGTAILS:
        uid = f"{name}_email_notification"
        signal.disconnect(sender=sender, dispatch_uid=uid)
        # Under Wagtail's own name: where it connects later than we do, it finds itself there already.
        signal.connect(_unless_post(notifier), sender=sender, dispatch_uid=uid, weak=False)


def _unless_post(notifier):
    def notify(instance, **kwargs):
        if _post_of(instance) is None:
            notifier(instance=instance, **kwargs)

    return notify


def _post_of(state: TaskState | WorkflowState) -> SocialPost | None:
    workflow_state = state.workflow_state if isinstance(state, TaskState) else state
    posts = SocialPost.objects.select_related("organization", "owner")
    return posts.filter(pk=workflow_state.object_id).first()


@receiver(task_submitted, sender=TaskState)
def ask_reviewers(instance, user, **kwargs):
    """A post has come to a stage: those who may decide there are asked to look."""
    post, stage = _post_of(instance), instance.task.specific
    if post is not None and isinstance(stage, ApprovalTask):
        due = instance.started_at + stage.due_after if stage.due_after else None
        asked = _deciders(post, stage).exclude(pk=getattr(user, "pk", None))
        send("asked", "submitted_notifications", asked, post, stage=stage, by=user, due=due)


@receiver(workflow_approved, sender=WorkflowState)
def tell_approved(instance, user, **kwargs):
    _tell_author("approved", "approved_notifications", instance, user)


@receiver(workflow_rejected, sender=WorkflowState)
def tell_changes(instance, user, **kwargs):
    _tell_author("changes", "rejected_notifications", instance, user)


def _tell_author(name: str, choice: str, state: WorkflowState, user) -> None:
    post = _post_of(state)
    if post is None:
        return
    last = state.task_states.exclude(finished_at=None).order_by("-finished_at", "-pk").first()
    people = (
        members_of(post).filter(pk__in=[post.owner_id, state.requested_by_id]).exclude(pk=getattr(user, "pk", None))
    )
    send(name, choice, people, post, by=user, comment=last.comment if last else "")


def remind_reviewers() -> int:
    """Asks again where a stage's time is over: at its end and on the two days after. Returns how many mails."""
    count = 0
    waiting = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        task__in=ApprovalTask.objects.exclude(due_hours=None),
    )
    for state in waiting.select_related("task", "workflow_state").iterator():
        stage, post = state.task.specific, _post_of(state)
        late = clock.now() - (state.started_at + stage.due_after)
        if post is None or late.total_seconds() < 0 or late.days >= MOST_REMINDERS:
            continue
        with transaction.atomic():
            _row, is_new = ReviewReminder.objects.get_or_create(task_state=state, day=late.days)
            if is_new:
                due = state.started_at + stage.due_after
                people = _deciders(post, stage)
                count += send("reminder", "submitted_notifications", people, post, stage=stage, due=due)
    return count


def members_of(post):
    """The people of the post's organization: a queryset."""
    return User.objects.filter(is_active=True, memberships__organization=post.organization_id)


def _deciders(post, stage: ApprovalTask):
    people = stage.people()
    return people if stage.own_posts or post.owner_id is None else people.exclude(pk=post.owner_id)


def send(name: str, choice: str, people: Iterable[User], post: SocialPost, **context) -> int:
    """Mails `people` about `post`, except those who have switched `choice` off. Returns how many mails."""
    people = list(people)
    unwanted = set(UserProfile.objects.filter(user__in=people, **{choice: False}).values_list("user_id", flat=True))
    people = [person for person in people if person.pk not in unwanted]
    title = post.get_admin_display_title()
    subjects = {
        "asked": _("Please review: %(title)s"),
        "approved": _("Approved: %(title)s"),
        "changes": _("Changes requested: %(title)s"),
        "reminder": _("Still waiting for your review: %(title)s"),
        "mentioned": _("You were mentioned: %(title)s"),
        "commented": _("Comment: %(title)s"),
        "answered": _("Reply: %(title)s"),
        "resolved": _("Comment resolved: %(title)s"),
    }
    due = context.pop("due", None)
    content = post.get_latest_revision_as_object()
    anchor = "#comments" if name in ABOUT_COMMENTS else ""
    logo = mails.logo_of(post.organization) if people else None
    count = 0
    for person in people:
        with translation.override(post.organization.locale):
            shown = {
                **context,
                "kind": name,
                "post": post,
                "organization": post.organization,
                "person": person,
                "texts": [text for text in content.texts if text.strip()],
                "due": in_zone(due, post.organization.timezone) if due else "",
                "url": settings.WAGTAILADMIN_BASE_URL + reverse("posts:detail", args=[post.pk]) + anchor,
                "choices_url": settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_account"),
                "product": settings.PRODUCT_NAME,
            }
            mail = mails.letter(
                post.organization,
                subject=" ".join((subjects[name] % {"title": title}).split()),
                text=render_to_string("content_studio/mail/review.txt", shown),
                html=render_to_string("content_studio/mail/review.html", shown),
                to=person.email,
                logo=logo,
            )
        count += mail.send()
    return count
