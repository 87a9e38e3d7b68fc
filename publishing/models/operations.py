"""How an organization wants publishing to behave when something is wrong, and the engine's own pulse."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization


class PublishingPolicy(models.Model):
    """What an organization wants done with posts that missed their time, and its kill switch."""

    class Missed(models.TextChoices):
        SEND_LATE = "send_late", _("Send them late, one after another")
        ASK = "ask", _("Hold them back, and ask by mail those who may publish")
        HOLD = "hold", _("Hold them back without a mail")

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="publishing_policy"
    )
    missed = models.CharField(_("posts that missed their time"), max_length=10, choices=Missed.choices, default="ask")
    late_hours = models.PositiveSmallIntegerField(
        _("at most this late, in hours"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text=_("Older ones are held back."),
    )
    spacing_minutes = models.PositiveSmallIntegerField(
        _("minutes between two of them on one channel"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )
    asked_at = models.DateTimeField(null=True, editable=False)  # when people were last asked about what was missed
    suspended_at = models.DateTimeField(null=True, editable=False)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    suspended_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("publishing policy")
        verbose_name_plural = _("publishing policies")

    def __str__(self) -> str:
        return f"Publishing policy of {self.organization}"

    @classmethod
    def of(cls, organization) -> "PublishingPolicy":
        """The organization's policy; the defaults, unsaved, where it never chose."""
        return cls.objects.filter(organization=organization).first() or cls(organization=organization)


class NetworkPause(models.Model):
    """A network that is down or has had enough: nothing is sent to it before `until`."""

    host = models.CharField(primary_key=True, max_length=255)  # Channel.host
    until = models.DateTimeField(null=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("network pause")
        verbose_name_plural = _("network pauses")

    def __str__(self) -> str:
        return self.host


class Worker(models.Model):
    """A running dispatcher. It says every few seconds that it is alive."""

    ALIVE_SECONDS = 15

    name = models.CharField(primary_key=True, max_length=100)  # host, process id, start: never used twice
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    in_flight = models.PositiveIntegerField(default=0)
    sent = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def alive(cls):
        return cls.objects.filter(seen_at__gte=timezone.now() - timedelta(seconds=cls.ALIVE_SECONDS))


class FailureNotice(models.Model):
    """What people were told about a channel's trouble, so that they are not told again for every post."""

    channel = models.ForeignKey("publishing.Channel", on_delete=models.CASCADE, related_name="notices")
    failure_kind = models.CharField(max_length=20)
    told_at = models.DateTimeField()
    since_then = models.PositiveIntegerField(default=0)  # further deliveries of the same kind, not told one by one

    class Meta:
        verbose_name = _("failure notice")
        verbose_name_plural = _("failure notices")
        constraints = [
            models.UniqueConstraint(fields=["channel", "failure_kind"], name="one_notice_per_channel_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.failure_kind}"
