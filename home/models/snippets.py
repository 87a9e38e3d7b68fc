"""Pieces that several pages of the public site share."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PublishingPanel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from home.blocks import SectionBody


class Author(models.Model):
    """Who writes in the blog."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), unique=True)
    role = models.CharField(_("role"), max_length=120, blank=True)
    about = models.TextField(_("about"), max_length=500, blank=True)
    is_team = models.BooleanField(
        _("a team"),
        default=False,
        db_default=False,
        help_text=_("Not one person. Search engines are told which of the two it is."),
    )

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("role"), FieldPanel("about"), FieldPanel("is_team")]

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """What a blog post is about."""

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), unique=True)
    description = models.TextField(_("description"), max_length=300, blank=True)

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description")]

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ReusableSection(PreviewableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A section that is kept once and shown on many pages."""

    name = models.CharField(_("name"), max_length=80, help_text=_("For editors; visitors do not see it."))
    body = StreamField(SectionBody(), verbose_name=_("content"), blank=True)

    panels = [FieldPanel("name"), FieldPanel("body"), PublishingPanel()]

    class Meta:
        verbose_name = _("reusable section")
        verbose_name_plural = _("reusable sections")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_preview_template(self, request, mode_name):
        return "home/block_preview_reusable.html"

    def get_preview_context(self, request, mode_name):
        return {"request": request, "section": self}
