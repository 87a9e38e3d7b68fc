"""Labels and campaigns: how an organization sorts its posts. They belong to the post, not to one version of it."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization


class Colour(models.TextChoices):
    """Colours that can be told apart and read in the light and in the dark; `studio.css` has the values."""

    GREY = "grey", _("Grey")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    PURPLE = "purple", _("Purple")


class ForOrganization(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)


def name_is_taken(row, name: str) -> bool:
    """True if another row of the same kind and organization has this name already, however it is written."""
    same = type(row).objects.for_organization(row.organization).filter(name__iexact=name.strip())
    return same.exclude(pk=row.pk).exists()


class Label(models.Model):
    """A word to find posts by. A post can have several."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, editable=False, related_name="labels")
    uuid = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)  # for the API
    name = models.CharField(_("name"), max_length=50)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour.choices, default=Colour.GREY)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="one_label_per_name")]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """What several posts are for. A post belongs to one at most."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, editable=False, related_name="campaigns")
    uuid = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)  # for the API
    name = models.CharField(_("name"), max_length=100)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour.choices, default=Colour.BLUE)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    description = models.TextField(_("what it is about"), blank=True)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="one_campaign_per_name")]

    def __str__(self) -> str:
        return self.name
