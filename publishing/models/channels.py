"""The accounts through which an organization publishes."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization
from publishing.secrets import EncryptedJSONField

from .querysets import ForOrganization


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
    scopes = models.JSONField(default=list, blank=True, editable=False)  # what the network granted
    limits = models.JSONField(default=dict, blank=True, editable=False)  # what the network said of its own limits
    quota = models.JSONField(default=dict, blank=True, editable=False)  # remaining, limit, resets_at; as last told
    options = models.JSONField(default=dict, blank=True)

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.CONNECTED)
    state_reason = models.TextField(_("reason"), blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The circuit breaker and the network's own rate limit: nothing leaves before `paused_until`.
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    pause_reason = models.TextField(blank=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)

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
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network", "base_url", "remote_id"],
                condition=~models.Q(remote_id=""),
                name="one_channel_per_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_network_display()})"

    @property
    def host(self) -> str:
        """The network as one thing that can be down: its key, and the server where there are many."""
        if self.sandbox:
            return f"sandbox {self.pk}"
        server = urlsplit(self.base_url).netloc
        return f"{self.network} {server}" if server else str(self.network)

    @property
    def is_paused(self) -> bool:
        return self.paused_until is not None and self.paused_until > timezone.now()
