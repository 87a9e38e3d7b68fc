"""What an organization asks of its posts besides what networks ask."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations import logbook
from organizations.models import Organization

from .labels import ForOrganization


class Guidelines(models.Model):
    """One row for an organization, or none: then nothing besides is asked."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, editable=False, related_name="+")
    partners = models.TextField(
        _("paid partners"),
        blank=True,
        max_length=4000,
        help_text=_("One name or handle a line. A post that names one must say that it is paid, such as by #ad."),
    )
    ai_label = models.CharField(
        _("label for posts written with AI"),
        max_length=100,
        blank=True,
        help_text=_("Such as #AIassisted. Left empty, none is asked for."),
    )
    most_hashtags = models.PositiveSmallIntegerField(
        _("most hashtags in a post"), null=True, blank=True, help_text=_("Left empty, what each network allows.")
    )
    blocks = models.BooleanField(
        _("a missing disclosure or label blocks scheduling"),
        default=True,
        help_text=_("Otherwise it is a warning. Saving is never blocked."),
    )

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("guidelines")
        verbose_name_plural = _("guidelines")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.organization}"

    @property
    def partner_names(self) -> list[str]:
        return [line.strip() for line in self.partners.splitlines() if line.strip()]


def guidelines_of(organization) -> Guidelines:
    """The organization's guidelines; an unsaved row that asks for nothing where there are none."""
    return Guidelines.objects.for_organization(organization).first() or Guidelines(organization=organization)


def change_guidelines(organization, *, user, **said) -> Guidelines:
    """Asks for something else from now on, and notes in the log what changed. `said` are checked values by field."""
    action = "content_studio.change_guidelines"
    return logbook.change_settings(Guidelines, organization, user=user, action=action, said=said)
