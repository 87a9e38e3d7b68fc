"""What an organization may use in a period, and the ledger of what it used."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization


class UsagePeriod(models.Model):
    """One organization's tokens for one period: the counter that every reservation goes through."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="usage_periods")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)  # settled, in tokens of the plan
    reserved = models.PositiveIntegerField(default=0)  # promised to calls still under way

    class Meta:
        verbose_name = _("usage period")
        verbose_name_plural = _("usage periods")
        constraints = [
            models.UniqueConstraint(fields=["organization", "starts_at"], name="one_usage_period_per_start"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} from {self.starts_at:%Y-%m-%d}"


class UsageEntry(models.Model):
    """A line of the ledger. Only ever added to: a correction is a new line."""

    class Kind(models.TextChoices):
        RESERVE = "reserve", _("Reserved")
        SETTLE = "settle", _("Settled")
        RELEASE = "release", _("Released")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period = models.ForeignKey(UsagePeriod, on_delete=models.CASCADE, related_name="entries")
    reservation = models.UUIDField(db_index=True)  # the same for a reserve and what ends it
    kind = models.CharField(max_length=10, choices=Kind.choices)
    tokens = models.IntegerField()  # change of `used`; 0 for a reserve or a release
    held = models.IntegerField()  # change of `reserved`
    provider_tokens = models.PositiveIntegerField(default=0)
    provider = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("usage entry")
        verbose_name_plural = _("usage entries")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.tokens}"


class PlanGrant(models.Model):
    """A plan given by an operator, without payment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="plan_grants")
    plan = models.CharField(_("plan"), max_length=20)
    reason = models.TextField(_("reason"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("granted plan")
        verbose_name_plural = _("granted plans")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.plan} for {self.organization}"
