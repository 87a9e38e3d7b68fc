"""An organization's workspace and its posts; the other models are beside what is done with them."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.fields import StreamField
from wagtail.locks import BasicLock
from wagtail.models import PageManager
from wagtail.query import PageQuerySet

from organizations.models import BasePage, validate_timezone
from publishing.models import Channel, Delivery
from webhooks.events import EventType

from . import lookups, searching
from .ai.models import BrandVoice, Generation  # noqa: F401  Django looks for models here
from .approvals import ApprovalTask, ReviewReminder, StageApproval  # noqa: F401  Django looks for models here
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
