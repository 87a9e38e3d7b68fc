"""What an editor sets for the public site as a whole."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    company = models.CharField(_("company"), max_length=120, default="Content Studio")
    contact_email = models.EmailField(
        _("contact address"), blank=True, help_text=_("Messages from the contact form are sent here as well.")
    )
    newsletter = models.BooleanField(
        _("offer the newsletter"), default=True, db_default=True, help_text=_("Below the blog and each of its posts.")
    )
    source_url = models.URLField(_("source code"), blank=True)
    status_url = models.URLField(_("status page"), blank=True)

    panels = [
        FieldPanel("company"),
        FieldPanel("contact_email"),
        FieldPanel("newsletter"),
        FieldPanel("source_url"),
        FieldPanel("status_url"),
    ]

    class Meta:
        verbose_name = _("public site")

    @classmethod
    def of(cls, site) -> "SiteSettings":
        """What was set for `site`, or the defaults. Writes nothing: visitors may not."""
        return cls.objects.filter(site=site).first() or cls(site=site)
