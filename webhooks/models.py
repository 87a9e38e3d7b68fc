"""Where tools are told of what happens, what there was to tell, and how each telling went."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization
from organizations.secrets import EncryptedJSONField

from .events import EventType
from .signing import new_secret


class EndpointQuerySet(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)

    def hearing(self, event_type: str):
        """Those that are switched on and have chosen this kind of event."""
        return self.filter(disabled_at=None, event_types__contains=[event_type])


class Endpoint(models.Model):
    """An address of one organization's that is told of the events it has chosen."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(_("address"), max_length=2000)
    description = models.CharField(_("description"), max_length=200, blank=True)
    event_types = models.JSONField(_("events"), default=list)
    # The newest first. One that was replaced signs too until its time is over: [secret, until (ISO 8601) or null].
    secrets = EncryptedJSONField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    failing_since = models.DateTimeField(null=True, editable=False)  # the first failure since the last success
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.description or self.url

    def save(self, *args, **kwargs):
        self.secrets = self.secrets or [[new_secret(), None]]
        super().save(*args, **kwargs)

    @property
    def secret(self) -> str:
        return self.secrets[0][0]

    def signing_secrets(self) -> list[str]:
        """All that hold now."""
        now = timezone.now().isoformat()
        return [secret for secret, until in self.secrets if until is None or until > now]


class Event(models.Model):
    """Something that happened, written in the transaction in which it did."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=40, choices=EventType.choices)
    data = models.JSONField()
    occurred_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["occurred_at"], name="webhook_event_age")]

    def __str__(self) -> str:
        return self.type

    @property
    def message_id(self) -> str:
        """The `webhook-id`: the same in every attempt, and at every endpoint."""
        return f"msg_{self.pk.hex}"

    def payload(self) -> dict:
        return {"type": self.type, "timestamp": self.occurred_at.isoformat(), "data": self.data}


class Telling(models.Model):
    """One event on its way to one endpoint."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="tellings")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="tellings")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempt_count = models.PositiveSmallIntegerField(default=0)  # since it was last begun anew
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease_expires_at = models.DateTimeField(null=True)  # while a worker has it in hand
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="one_telling_per_event")]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="webhook_due", condition=models.Q(state="waiting")),
            models.Index(fields=["endpoint", "-created_at"], name="webhook_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.endpoint_id}"


class Attempt(models.Model):
    """One call of an endpoint, and what it answered."""

    telling = models.ForeignKey(Telling, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP; none where nothing answered
    explanation = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=1000, blank=True)  # how its body begins

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.status or self.explanation}"
