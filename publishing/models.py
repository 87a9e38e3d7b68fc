"""Channels, what is to be delivered through them, and every attempt at it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization, validate_timezone

from .secrets import EncryptedJSONField


class ForOrganization(models.QuerySet):
    """Rows that belong to an organization."""

    def for_organization(self, organization):
        return self.filter(organization=organization)


class Network(models.TextChoices):
    """The networks whose rules the product knows. `publishing.networks` has the rules."""

    X = "x", "X"
    LINKEDIN = "linkedin", "LinkedIn"
    INSTAGRAM = "instagram", "Instagram"
    BLUESKY = "bluesky", "Bluesky"
    MASTODON = "mastodon", "Mastodon"


class Channel(models.Model):
    """An account on a network through which an organization publishes.

    A sandbox channel follows its network's rules but publishes to the pretend
    network inside the studio.
    """

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        RECONNECT = "reconnect", _("Needs to be connected again")
        SUSPENDED = "suspended", _("Suspended")
        DISCONNECTED = "disconnected", _("Disconnected")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="channels")
    network = models.CharField(_("network"), max_length=20, choices=Network.choices)
    sandbox = models.BooleanField(
        _("sandbox"),
        default=False,
        help_text=_("Publishes to the pretend network inside the studio: for trying things out and for training."),
    )
    name = models.CharField(_("name"), max_length=100)
    handle = models.CharField(_("handle"), max_length=200, blank=True)
    remote_id = models.CharField(max_length=200, blank=True, editable=False)
    base_url = models.URLField(_("server"), blank=True)
    credentials = EncryptedJSONField(default=dict, editable=False)
    limits = models.JSONField(default=dict, blank=True, editable=False)  # what the network said of its own limits
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.CONNECTED)
    state_reason = models.TextField(_("reason"), blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["network", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_network_display()})"


class Delivery(models.Model):
    """One approved revision on its way through one channel.

    `message` is the whole of what is sent, frozen when the delivery was made,
    so that no later edit can reach it. `revision_id` and `post_id` name where
    it came from; they are no foreign keys, because a delivery outlives its page.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        RETRYING = "retrying", _("Trying again")
        UNKNOWN = "unknown", _("Outcome not known yet")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        State.SCHEDULED: {State.SENDING, State.CANCELLED, State.FAILED},
        State.SENDING: {State.PUBLISHED, State.RETRYING, State.UNKNOWN, State.FAILED},
        State.RETRYING: {State.SENDING, State.CANCELLED, State.FAILED},
        State.UNKNOWN: {State.PUBLISHED, State.RETRYING, State.FAILED, State.CANCELLED},
        State.FAILED: {State.RETRYING, State.CANCELLED},
        State.PUBLISHED: set(),
        State.CANCELLED: set(),
    }
    WAITING = (State.SCHEDULED, State.RETRYING)
    FINAL = (State.PUBLISHED, State.FAILED, State.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    post_id = models.UUIDField(editable=False, db_index=True)
    revision_id = models.BigIntegerField(editable=False)
    message = models.JSONField(editable=False)
    content_hash = models.CharField(max_length=64, editable=False)

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.SCHEDULED)
    due_at = models.DateTimeField(_("due"))
    local_time = models.DateTimeField(_("local time"), help_text=_("Wall-clock time in `timezone`, stored as if UTC."))
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_timezone])
    next_attempt_at = models.DateTimeField(editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    leased_by = models.CharField(max_length=100, blank=True, editable=False)
    attempt_count = models.PositiveSmallIntegerField(default=0, editable=False)

    progress = models.JSONField(default=list, editable=False)  # PublishedSegments so far, for threads
    remote_id = models.CharField(max_length=300, blank=True, editable=False)
    permalink = models.URLField(max_length=500, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    failure = models.TextField(_("what went wrong"), blank=True, editable=False)
    failure_kind = models.CharField(max_length=20, blank=True, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(fields=["revision_id", "channel"], name="one_delivery_per_revision_and_channel"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_waiting",
                condition=models.Q(state__in=["scheduled", "retrying"]),
            ),
            models.Index(
                fields=["lease_expires_at"],
                name="delivery_leased",
                condition=models.Q(state="sending"),
            ),
            models.Index(fields=["organization", "due_at"], name="delivery_calendar"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} at {self.due_at:%Y-%m-%d %H:%M} UTC"

    def is_due(self) -> bool:
        return self.state in self.WAITING and self.next_attempt_at <= timezone.now()


class Attempt(models.Model):
    """One call of a network for one delivery, as a person can read it. Secrets are removed before it is stored."""

    class Outcome(models.TextChoices):
        PUBLISHED = "published", _("Published")
        TRY_LATER = "try_later", _("To be tried again")
        RECONNECT = "reconnect", _("Channel needs to be connected again")
        REJECTED = "rejected", _("Refused by the network")
        UNKNOWN = "unknown", _("Outcome unknown")
        FOUND = "found", _("Found on the network")
        NOT_FOUND = "not_found", _("Not found on the network")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    explanation = models.TextField(blank=True)
    sent = models.JSONField(default=dict)
    received = models.JSONField(default=dict)
    worker = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["started_at", "id"]

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.delivery_id}"


class SandboxPost(models.Model):
    """A post on the pretend network: what a sandbox channel's timeline shows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sandbox_posts")
    idempotency_key = models.CharField(max_length=100)
    in_reply_to = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()
    media = models.JSONField(default=list)
    link = models.JSONField(default=dict)
    poll = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sandbox post")
        verbose_name_plural = _("sandbox posts")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "idempotency_key"], name="sandbox_post_once"),
        ]

    def __str__(self) -> str:
        return self.text[:50]
