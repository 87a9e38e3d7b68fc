"""Pages built from blocks: home, features, pricing, and landing pages of any kind."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.search import index

from home.blocks import LandingBody
from home.blocks.base import ICONS

from .base import SitePage


class BuiltFromBlocks(SitePage):
    body = StreamField(LandingBody(), verbose_name=_("content"), blank=True)

    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    api_fields = [*SitePage.api_fields, APIField("body")]
    content_panels = [*SitePage.content_panels, FieldPanel("body")]

    class Meta:
        abstract = True


class HomePage(BuiltFromBlocks):
    """The first page, and the root of the public site."""

    parent_page_types = ["organizations.BasePage"]
    page_description = _("The public site’s first page. There is one.")
    show_breadcrumbs = False

    class Meta:
        verbose_name = _("home page")


class LandingPage(BuiltFromBlocks):
    """A page for a campaign, an audience or an event."""

    parent_page_types = ["home.HomePage", "home.LandingPage"]
    page_description = _("A free page made from blocks: for a campaign, an audience, an event.")
    show_breadcrumbs = False
    template = "home/home_page.html"

    class Meta:
        verbose_name = _("landing page")


class FeatureIndexPage(BuiltFromBlocks):
    """All capabilities at a glance."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.FeaturePage"]
    page_description = _("Lists the feature pages below it.")
    max_count_per_parent = 1
    show_breadcrumbs = False

    class Meta:
        verbose_name = _("features overview")

    @property
    def features(self):
        return FeaturePage.objects.child_of(self).live().public().order_by("path")


class FeaturePage(BuiltFromBlocks):
    """One capability of the product."""

    icon = models.CharField(_("icon"), max_length=20, choices=ICONS, default="check")

    content_panels = [*SitePage.content_panels, FieldPanel("icon"), FieldPanel("body")]
    api_fields = [*BuiltFromBlocks.api_fields, APIField("icon")]
    parent_page_types = ["home.FeatureIndexPage"]
    subpage_types: list[str] = []
    page_description = _("One capability: what it does, how it works, what it does not do.")

    @property
    def picture(self):
        """What its hero shows; None where it has none."""
        hero = next((block.value for block in self.body if block.block_type == "hero"), None)
        shown = hero["picture"] if hero else None
        return shown if shown and (shown["image"] or shown["screenshot"] or shown["drawing"]) else None

    @property
    def others(self):
        return FeaturePage.objects.sibling_of(self, inclusive=False).live().public().order_by("path")

    class Meta:
        verbose_name = _("feature page")


class PricingPage(BuiltFromBlocks):
    """What it costs. The figures come from the catalogue in billing; this page adds words."""

    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    page_description = _("Prices and limits, always those that are charged. You add the words around them.")
    max_count_per_parent = 1
    show_breadcrumbs = False

    class Meta:
        verbose_name = _("pricing page")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["provider_tokens"] = settings.PROVIDER_TOKENS_PER_TOKEN
        return context
