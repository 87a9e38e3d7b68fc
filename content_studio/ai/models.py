"""The record of every use of a provider, and how an organization wants to sound."""

import re

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization
from organizations.problems import Problem
from publishing.networks import UnknownNetwork, rules_for

from .voices import Voice


class ForOrganization(models.QuerySet):
    """Rows that belong to an organization."""

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
    voice = models.CharField(max_length=100, blank=True)  # its name then
    provider = models.CharField(max_length=20)
    variant = models.PositiveSmallIntegerField(default=0)  # which of several takes on the same brief
    # What goes with the texts when they become a post: channels, picture, link, link tags, page.
    besides = models.JSONField(default=dict)

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
    tokens_left: int | None = None  # of the plan right after it; not stored

    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ForOrganization.as_manager()

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


_BETWEEN_SAMPLES = re.compile(r"^---+\s*$", re.MULTILINE)


class BrandVoice(models.Model):
    """How an organization wants to sound. Used in every prompt for which it is chosen, or that chooses none."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="brand_voices", editable=False
    )
    uuid = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)  # for the API
    name = models.CharField(_("name"), max_length=100)
    is_default = models.BooleanField(
        _("used unless another is chosen"),
        default=False,
        help_text=_("One voice at most; the one that had it before loses it."),
    )
    description = models.TextField(
        _("description"),
        blank=True,
        max_length=2000,
        help_text=_("Who you are, whom you write for and how you want to sound, in your own words."),
    )
    dos = models.TextField(_("do"), blank=True, max_length=2000, help_text=_("One rule a line."))
    donts = models.TextField(_("don't"), blank=True, max_length=2000, help_text=_("One rule a line."))
    samples = models.TextField(
        _("sample posts"),
        blank=True,
        max_length=8000,
        help_text=_("Posts that sound right. Separate them by a line of three dashes: ---"),
    )
    banned = models.TextField(
        _("banned words"),
        blank=True,
        max_length=2000,
        help_text=_("One word or phrase a line. A draft that uses one goes back to the model."),
    )
    preferred = models.TextField(
        _("preferred words"), blank=True, max_length=2000, help_text=_("One a line, such as: clients, not customers.")
    )
    habits = models.TextField(
        _("habits of single networks"),
        blank=True,
        max_length=2000,
        help_text=_("One network a line, such as: LinkedIn: we end with a question."),
    )
    language = models.CharField(
        _("language"), max_length=12, blank=True, help_text=_("Used unless another is chosen, such as en or de.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ForOrganization.as_manager()

    class Meta:
        app_label = "content_studio"
        verbose_name = _("brand voice")
        verbose_name_plural = _("brand voices")
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_brand_voice_per_name"),
            models.UniqueConstraint(
                fields=["organization"], name="one_default_brand_voice", condition=models.Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        with transaction.atomic():
            if self.is_default:
                others = BrandVoice.objects.for_organization(self.organization_id).exclude(pk=self.pk)
                others.filter(is_default=True).update(is_default=False)
            super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        try:
            self._habits()
        except UnknownNetwork as error:
            raise ValidationError({"habits": error.detail}) from error

    def _habits(self) -> dict[str, str]:
        """What is said of single networks, by their keys. Raises UnknownNetwork."""
        said = [line.partition(":") for line in _lines(self.habits)]
        return {rules_for(name).key: habit.strip() for name, _colon, habit in said}

    def as_voice(self) -> Voice:
        """The voice as prompts and checks use it."""
        return Voice(
            name=self.name,
            description=self.description.strip(),
            dos=_lines(self.dos),
            donts=_lines(self.donts),
            samples=tuple(each.strip() for each in _BETWEEN_SAMPLES.split(self.samples) if each.strip()),
            banned=_lines(self.banned),
            preferred=_lines(self.preferred),
            habits=self._habits(),
        )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def voice_of(organization, name: str = "") -> BrandVoice | None:
    """The organization's voice called `name`, or its default one, or none. Raises UnknownVoice for another name."""
    voices = BrandVoice.objects.for_organization(organization)
    if not name:
        return voices.filter(is_default=True).first()
    if found := voices.filter(name__iexact=name).first():
        return found
    raise UnknownVoice(
        gettext("This organization has no brand voice “%(name)s”. It has: %(known)s.")
        % {"name": name, "known": ", ".join(voices.values_list("name", flat=True)) or gettext("none")}
    )


class UnknownVoice(Problem):
    slug = "brand-voice-unknown"
    title = "No such brand voice"
