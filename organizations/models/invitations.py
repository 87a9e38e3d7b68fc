"""Invitations to join an organization, and the keys with which its tools use the API."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .people import Organization, Role


def digest(secret: str) -> str:
    """What is stored of a secret: enough to recognize it, not to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet):
    def pending(self):
        """Neither accepted nor revoked; expired ones are among them, for they can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)

    def with_secret(self, secret: str):
        return self.filter(secret_digest=digest(secret))


class Invitation(models.Model):
    """One address asked to join an organization in one role. Its link serves once, and for a week."""

    LIFETIME = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), editable=False)
    expires_at = models.DateTimeField(_("valid until"), editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_pending_invitation_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()})"

    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def renew(self) -> str:
        """A new secret for a new link, valid for a week; the old link serves no longer."""
        secret = secrets.token_urlsafe(32)
        self.secret_digest = digest(secret)
        self.sent_at = timezone.now()
        self.expires_at = self.sent_at + self.LIFETIME
        return secret


class ApiKey(models.Model):
    """A key with which a tool uses the API for one organization. Shown once; only its digest is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("Read everything")
        WRITE = "write", _("Write and generate posts, and submit them")
        PUBLISH = "publish", _("Approve, schedule and publish")
        CHANNELS = "channels", _("Connect, suspend and disconnect channels")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=100, help_text=_("What uses it, so that you know what to revoke."))
    prefix = models.CharField(max_length=16, editable=False)
    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
