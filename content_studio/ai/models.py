"""The record of every use of a provider."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization


class GenerationQuerySet(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)


class Generation(models.Model):
    """One use of a provider: what was asked, by whom, what came back and what it cost."""

    class State(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="generations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    post = models.ForeignKey(
        "content_studio.SocialPost", null=True, on_delete=models.SET_NULL, related_name="generations"
    )
    revision_id = models.BigIntegerField(null=True)  # the revision that this generation wrote
    state = models.CharField(max_length=10, choices=State.choices, default=State.DONE)

    # What was asked
    task = models.CharField(max_length=20, default="write")
    network = models.CharField(max_length=20)
    tone = models.CharField(max_length=30)
    prompt = models.TextField()
    language = models.CharField(max_length=12, default="en")
    link = models.URLField(max_length=2000, blank=True)
    provider = models.CharField(max_length=20)

    # What came back
    model = models.CharField(max_length=100, blank=True)
    exchange = models.JSONField(default=list)  # every question and answer, in order
    segments = models.JSONField(default=list)  # the texts that reached the person
    counts = models.JSONField(default=list)  # how long each was when it was written: value, limit, unit
    shortened = models.BooleanField(default=False)  # cut at a sentence end, because the model never made it fit
    failure = models.TextField(blank=True)
    failure_kind = models.CharField(max_length=40, blank=True)  # the problem's slug

    # What it cost
    reservation = models.UUIDField(null=True)  # the ledger's key in `billing`
    provider_tokens = models.PositiveIntegerField(default=0)
    tokens_charged = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        app_label = "content_studio"
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="generation_newest"),
        ]

    def __str__(self) -> str:
        return self.prompt[:60]
