"""Queues: the weekly slots of each channel, on the clock of a place. `queueing` gives them to posts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization, validate_timezone
from publishing.models import Channel


class ForOrganization(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)


class ChannelQueue(models.Model):
    """How one channel likes to publish: its slots are wall-clock times in one IANA zone.

    Paused, it gives no slot away; what is scheduled already goes out all the same.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, editable=False, related_name="queues")
    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, editable=False, related_name="queue")
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_timezone])
    paused_at = models.DateTimeField(_("paused since"), null=True, blank=True, editable=False)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")

    def __str__(self) -> str:
        return str(self.channel)


class Weekday(models.IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class QueueSlot(models.Model):
    """A time of the week at which one post may go out through the channel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    queue = models.ForeignKey(ChannelQueue, on_delete=models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    time = models.TimeField(_("time"))

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["weekday", "time"]
        constraints = [
            models.UniqueConstraint(fields=["queue", "weekday", "time"], name="one_slot_per_time_of_the_week"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.time:%H:%M}"
