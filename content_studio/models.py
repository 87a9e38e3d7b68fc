"""An organization's workspace, its posts, how each was approved and how each was written."""

import datetime
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.fields import StreamField
from wagtail.locks import BasicLock
from wagtail.models import PageManager, Task, TaskState
from wagtail.query import PageQuerySet

from organizations.models import BasePage, Organization, User, validate_timezone
from organizations.roles import ACTIONS_OF_ROLE, Action
from publishing.models import Channel, Delivery
from webhooks.events import EventType

from . import lookups, searching
from .ai.models import BrandVoice, Generation  # noqa: F401  Django looks for models here
from .blocks import PostBlock
from .forms import SocialPostForm
from .guidelines import Guidelines  # noqa: F401  Django looks for models here
from .imports import ImportRow, PostImport  # noqa: F401  Django looks for models here
from .labels import Campaign, Label
from .library import LIBRARY  # noqa: F401  Django looks for models here
from .locking import PostLock
from .naming import title_from
from .panels import post_edit_handler
from .permissions import NeverPublicPermissionTester
from .previews.modes import PreviewsPerNetwork
from .promotions import Promotion  # noqa: F401  as above
from .queues import ChannelQueue, QueueSlot  # noqa: F401  Django looks for models here
from .review_links import LinkedPost, Remark, ReviewLink  # noqa: F401  Django looks for models here
from .tagging import validate_template
from .telling import tell


class NeverPublic:
    """For a page that exists in the studio alone: it has no address on the public site."""

    def get_url_parts(self, request=None):
        return None

    def route(self, request, path_components):
        raise Http404

    def serve(self, request, *args, **kwargs):
        raise Http404

    def get_sitemap_urls(self, request=None):
        return []

    def is_site_root(self):
        return False

    def permissions_for_user(self, user):
        return NeverPublicPermissionTester(user, self)


class Workspace(NeverPublic, BasePage):
    """The root of one organization's posts. Made with the organization, never by hand."""

    parent_page_types = ["organizations.BasePage"]
    subpage_types = ["content_studio.SocialPost"]
    is_creatable = False
    preview_modes: list = []

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")


class SocialPostQuerySet(PageQuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)


class SocialPost(PreviewsPerNetwork, NeverPublic, BasePage):
    """A social media post: every save is a revision, and an approval is of one revision."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")

    scheduled_revision = None  # Wagtail's own schedule is for pages of the site; see `planning` for that of posts
    edit_notice = ""  # what the last `save_revision` of this object did to what was approved or scheduled

    OF_A_DRAFT = (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED)

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    body = StreamField(PostBlock(), verbose_name=_("content"), blank=True)
    channels = ParentalManyToManyField(Channel, verbose_name=_("channels"), blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=12, default="en")
    # A copy, not a reference: what was approved must not change when the preset does.
    link_tags = models.CharField(_("link tags (UTM)"), max_length=600, blank=True, validators=[validate_template])

    # What sorts a post, its plan and its state belong to the page as a whole, not to a revision:
    # moving a post to another day must not ask for a new approval.
    campaign = models.ForeignKey(
        Campaign, verbose_name=_("campaign"), null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    labels = models.ManyToManyField(Label, verbose_name=_("labels"), blank=True, related_name="posts")
    planned_local = models.DateTimeField(_("planned for"), null=True, blank=True)  # wall-clock time, stored as if UTC
    planned_timezone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_timezone])
    # Both states are derived by `states.refresh_state` and stored for lists.
    # `draft_state` is that of the newest revision, which may be newer than what is scheduled or published.
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT, editable=False)
    draft_state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT, editable=False)
    approved_revision = models.ForeignKey(
        "wagtailcore.Revision", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Written by `planning`, `reviewing` and `states` alone, never with the content.
    WRITTEN_APART = (
        "campaign",
        "planned_local",
        "planned_timezone",
        "state",
        "draft_state",
        "approved_revision",
        "approved_by",
        "approved_at",
    )

    # What a revision also holds of these, the page says better: its copy is not even looked up.
    OF_THE_PAGE = frozenset(
        {"organization", "owner", "locale", "content_type", "latest_revision", "locked_by", "alias_of", *WRITTEN_APART}
    )

    objects = PageManager.from_queryset(SocialPostQuerySet)()

    parent_page_types = ["content_studio.Workspace"]
    subpage_types: list[str] = []
    base_form_class = SocialPostForm
    edit_handler = post_edit_handler
    exclude_fields_in_copy = [
        "uuid",
        "labels",
        "state",
        "draft_state",
        "approved_revision",
        "approved_by",
        "approved_at",
        "planned_local",
        "planned_timezone",
    ]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            models.Index(fields=["state"], name="post_state"),
            # With all that it takes to sort by the moment, so that no post's body is read for it.
            models.Index(
                fields=["planned_local"], include=["planned_timezone", "basepage_ptr"], name="post_planned_when"
            ),
        ]

    def with_content_json(self, content):
        own = {name: value for name, value in content.items() if name not in self.OF_THE_PAGE}
        post = super().with_content_json(own)
        for name in ("organization", "uuid", *self.WRITTEN_APART):
            field = self._meta.get_field(name)
            setattr(post, field.attname, getattr(self, field.attname))
            if field.is_relation and field.is_cached(self):
                setattr(post, name, getattr(self, name))
        post._cached_parent_obj = self._cached_parent_obj  # Wagtail has just asked for it
        return post

    def save(self, **kwargs):
        """Saves the content. An editor that was opened before an approval must not write the old state back."""
        if self.pk and kwargs.get("update_fields") is None:
            columns = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            relations = {relation.get_accessor_name() for relation in get_all_child_relations(self)}
            relations |= {field.name for field in get_all_child_m2m_relations(self)}
            kwargs["update_fields"] = (columns | relations) - {"id", "basepage_ptr", *self.WRITTEN_APART}
        return super().save(**kwargs)

    def full_clean(self, *args, **kwargs):
        self._name_itself()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self):
        self._name_itself()
        super().minimal_clean()

    def _name_itself(self):
        # The slug is never seen. Taking it from the uuid spares Wagtail's search
        # for a free one, which asks once per sibling of the same title.
        self.slug = self.slug or str(self.uuid)
        self.title = self.title or self.first_words

    @property
    def first_words(self) -> str:
        """What the post is called while nobody has given it a name."""
        return title_from(next((text for text in self.texts if text.strip()), ""))

    @property
    def has_own_name(self) -> bool:
        return bool(self.title) and self.title != self.first_words

    def _check_slug_is_unique(self):
        """It is, being the uuid. Wagtail would ask each time the post is saved or checked."""

    def clean(self):
        super().clean()
        if self.organization_id and any(
            channel.organization_id != self.organization_id for channel in self.channels.all()
        ):
            raise ValidationError({"channels": _("Choose among your organization's own channels.")})

    @property
    def texts(self) -> list[str]:
        """The text of each segment, in order."""
        return [value.get("text") or "" for value in self.segments]

    @property
    def segments(self) -> list:
        """What each segment holds, in order: the post as it is wherever nothing else is said."""
        return [block.value for block in self.body if block.block_type == "segment"]

    def is_blank(self) -> bool:
        """True when there is nothing to publish: no text, picture, file or link."""
        return not any(
            (value.get("text") or "").strip() or value.get("media") or value.get("link") for value in self.segments
        )

    def get_lock(self):
        lock = super().get_lock()
        return PostLock(self) if type(lock) is BasicLock else lock

    @property
    def admin_url(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.pk])

    @property
    def deliveries(self):
        """Everything that was ever to be sent for this post."""
        return Delivery.objects.filter(post_id=self.uuid)

    @transaction.atomic
    def save_revision(self, *args, overwrite_revision=None, **kwargs):
        """Saves a new revision, as Wagtail does.

        Autosave asks to overwrite the last one; that is refused silently, by
        saving a new revision, for one that somebody reviewed, approved or
        scheduled: what they saw must stay what it was.
        """
        from wagtail.signal_handlers import disable_reference_index_auto_update

        from . import states, taking_back

        taking_back.hold(self)
        standing = taking_back.standing_of(self)
        if overwrite_revision is not None and states.is_bound(self, overwrite_revision):
            overwrite_revision = None
        with disable_reference_index_auto_update():  # which is of the row, and that was saved before
            revision = super().save_revision(*args, overwrite_revision=overwrite_revision, **kwargs)
        searching.note_words([self])
        states.follow_new_revision(self, revision)
        self.edit_notice = taking_back.follow_edit(self, standing, user=kwargs.get("user"))
        if overwrite_revision is None:
            is_first = not self.revisions.exclude(pk=revision.pk).exists()
            tell(self, EventType.POST_CREATED if is_first else EventType.POST_UPDATED, user=kwargs.get("user"))
        lookups.ask_for(self)
        return revision


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
