"""What an organization may use in a period, the ledger of what it used, and plans given by hand."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Membership, Organization


class UsagePeriod(models.Model):
    """One organization's tokens for one period: the counter that every reservation goes through.

    `subscription_id` is Stripe's id of the subscription that the period follows,
    or empty where it is a calendar month: a month that was half used before an
    upgrade is found again, as it was, after a cancellation.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="usage_periods")
    subscription_id = models.CharField(max_length=255, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)  # settled, in tokens of the plan
    reserved = models.PositiveIntegerField(default=0)  # promised to calls still under way
    warned_at_80 = models.DateTimeField(null=True)
    warned_at_100 = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("usage period")
        verbose_name_plural = _("usage periods")
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subscription_id", "starts_at"], name="one_usage_period_per_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} from {self.starts_at:%Y-%m-%d}"


class Reservation(models.Model):
    """Tokens promised to one call of a provider that is still under way.

    Whoever deletes the row ends the reservation; that happens exactly once. A
    row whose `expires_at` has passed was left by a process that died.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period = models.ForeignKey(UsagePeriod, on_delete=models.CASCADE, related_name="reservations")
    tokens = models.PositiveIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    # Not stored: the plan's limit when this was promised, and what it had left when this was settled.
    limit: int = 0
    left: int | None = None

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")

    def __str__(self) -> str:
        return f"{self.tokens} tokens until {self.expires_at:%Y-%m-%d %H:%M}"


class LedgerChanged(TypeError):
    """Something tried to change or remove a line of the ledger."""


class UsageEntryQuerySet(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(period__organization=organization)

    def update(self, **values):
        raise LedgerChanged("The ledger is only ever added to: write a correcting line instead.")

    def delete(self):
        raise LedgerChanged("The ledger is only ever added to: write a correcting line instead.")


class UsageEntry(models.Model):
    """A line of the ledger. Only ever added to: a correction is a new line.

    Summed up over a period, `tokens` is the period's `used` and `held` its
    `reserved`. A trigger in the database refuses a change of a line.
    """

    class Kind(models.TextChoices):
        RESERVE = "reserve", _("Reserved")
        SETTLE = "settle", _("Settled")
        RELEASE = "release", _("Released")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period = models.ForeignKey(UsagePeriod, on_delete=models.CASCADE, related_name="entries")
    reservation = models.UUIDField()  # the same for a reserve and what ends it
    kind = models.CharField(max_length=10, choices=Kind.choices)
    tokens = models.IntegerField()  # change of `used`; 0 for a reserve or a release
    held = models.IntegerField()  # change of `reserved`
    provider_tokens = models.PositiveIntegerField(default=0)
    provider = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UsageEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("usage entry")
        verbose_name_plural = _("usage entries")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["reservation", "kind"], name="one_usage_entry_of_each_kind"),
        ]
        indexes = [models.Index(fields=["period", "created_at"], name="usage_entry_of_period")]

    def __str__(self) -> str:
        return f"{self.kind} {self.tokens}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise LedgerChanged("The ledger is only ever added to: write a correcting line instead.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise LedgerChanged("The ledger is only ever added to: write a correcting line instead.")


class PlanGrantQuerySet(models.QuerySet):
    def in_force(self, moment: datetime | None = None):
        """Grants that hold at `moment` (now, by default)."""
        moment = moment or timezone.now()
        return self.filter(starts_at__lte=moment).filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=moment))


class PlanGrant(models.Model):
    """A plan given by an operator, without payment. A subscription that is paid for goes before it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="plan_grants"
    )
    plan = models.CharField(_("plan"), max_length=20)
    reason = models.TextField(_("reason"), help_text=_("Why this organization does not pay. Kept in the audit log."))
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until somebody ends it."))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlanGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("granted plan")
        verbose_name_plural = _("granted plans")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="plan_grant_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.organization}"


class PlanChange(models.Model):
    """An organization's plan became another: noticed once, whatever brought it about."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="plan_changes")
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    source = models.CharField(max_length=20)  # what puts it on the new plan: `entitlements.Source`
    noticed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("change of plan")
        verbose_name_plural = _("changes of plan")
        ordering = ["-noticed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.organization}: {self.before} → {self.after}"


class KeptItem(models.Model):
    """Something that an Owner chose to go on using while the plan has no room for everything."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    limit = models.CharField(max_length=20)  # `limits.Limit`
    item_id = models.CharField(max_length=64)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("kept item")
        verbose_name_plural = _("kept items")
        constraints = [
            models.UniqueConstraint(fields=["organization", "limit", "item_id"], name="one_kept_item"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} {self.item_id}"


class WithoutSeat(models.Model):
    """Somebody who has a role and, for now, no seat for it: they can read. `billing.seats` keeps these rows."""

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("person without a seat")
        verbose_name_plural = _("people without a seat")

    def __str__(self) -> str:
        return str(self.membership)


class RateBucket(models.Model):
    """How far a caller is ahead of its rate limit; `billing.throttles` says how it is counted.

    Its table is unlogged: after a crash of the database it is empty, and
    everybody starts with a full allowance.
    """

    key = models.CharField(max_length=200, primary_key=True)
    full_at = models.DateTimeField(db_index=True)  # when the whole allowance is there again

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")

    def __str__(self) -> str:
        return self.key
