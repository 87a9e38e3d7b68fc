"""An organization's workspace, its posts, and how each was written."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from uuid_utils.compat import uuid7
from wagtail.fields import StreamField

from organizations.models import BasePage, Organization, validate_timezone
from publishing.models import Channel

from .blocks import PostBlock


class Workspace(BasePage):
    """The root of one organization's posts. Never shown on the public site."""

    parent_page_types = ["organizations.BasePage"]
    subpage_types = ["content_studio.SocialPost"]

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")


class SocialPost(BasePage):
    """A social media post: every save is a revision, and an approval is of one revision."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    body = StreamField(PostBlock(), verbose_name=_("content"), blank=True)
    channels = ParentalManyToManyField(Channel, verbose_name=_("channels"), blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=12, default="en")

    # The plan and the state belong to the page as a whole, not to a revision:
    # moving a post to another day must not ask for a new approval.
    planned_local = models.DateTimeField(_("planned for"), null=True, blank=True)  # wall-clock time, stored as if UTC
    planned_timezone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_timezone])
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT, editable=False)
    approved_revision = models.ForeignKey(
        "wagtailcore.Revision", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)

    OF_THE_PAGE = (
        "uuid",
        "planned_local",
        "planned_timezone",
        "state",
        "approved_revision_id",
        "approved_by_id",
        "approved_at",
    )

    parent_page_types = ["content_studio.Workspace"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")

    def with_content_json(self, content):
        post = super().with_content_json(content)
        for name in self.OF_THE_PAGE:
            setattr(post, name, getattr(self, name))
        return post


class Generation(models.Model):
    """One use of a provider: what was asked, by whom, what came back and what it cost."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="generations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    post = models.ForeignKey(SocialPost, null=True, on_delete=models.SET_NULL, related_name="generations")
    revision_id = models.BigIntegerField(null=True)  # the revision that this generation wrote
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    network = models.CharField(max_length=20)
    tone = models.CharField(max_length=30)
    prompt = models.TextField()
    language = models.CharField(max_length=12, default="en")
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=100, blank=True)
    exchange = models.JSONField(default=list)  # every request and reply, in order
    segments = models.JSONField(default=list)  # the texts that reached the person
    shortened = models.BooleanField(default=False)  # cut at a sentence end, because the model never made it fit
    provider_tokens = models.PositiveIntegerField(default=0)
    tokens_charged = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="generation_newest")]

    def __str__(self) -> str:
        return self.prompt[:60]
