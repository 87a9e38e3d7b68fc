"""Documentation: sections with pages, read in order."""

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.search import index

from home.blocks import ArticleBody
from home.blocks.base import ICONS

from .base import SitePage


class InDocs(SitePage):
    """Anything in the documentation: it knows the whole of it, for the list at the side."""

    class Meta:
        abstract = True

    @cached_property
    def documentation(self) -> "list[tuple[DocsSectionPage, list[DocsPage]]]":
        """Every section with its pages, in reading order. Two queries, whatever the number."""
        root = self if isinstance(self, DocsIndexPage) else DocsIndexPage.objects.ancestor_of(self).last()
        sections = list(DocsSectionPage.objects.child_of(root).live().public().order_by("path"))
        pages = list(DocsPage.objects.descendant_of(root).live().public().order_by("path"))
        return [(section, [page for page in pages if page.is_descendant_of(section)]) for section in sections]


class DocsIndexPage(InDocs):
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.DocsSectionPage"]
    page_description = _("The documentation’s first page: its sections and the search.")
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("documentation")


class DocsSectionPage(InDocs):
    icon = models.CharField(_("icon"), max_length=20, choices=ICONS, default="check")

    content_panels = [*SitePage.content_panels, FieldPanel("icon")]
    parent_page_types = ["home.DocsIndexPage"]
    subpage_types = ["home.DocsPage"]
    page_description = _("A chapter of the documentation. Its pages are read in their order here.")

    class Meta:
        verbose_name = _("documentation section")

    @property
    def pages(self):
        return next((pages for section, pages in self.documentation if section.pk == self.pk), [])


class DocsPage(InDocs):
    body = StreamField(ArticleBody(), verbose_name=_("content"), blank=True)

    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    api_fields = [*SitePage.api_fields, APIField("body")]
    content_panels = [*SitePage.content_panels, FieldPanel("body")]
    parent_page_types = ["home.DocsSectionPage"]
    subpage_types: list[str] = []
    page_description = _("One subject of the documentation. It answers one question from beginning to end.")
    structured_data_type = "TechArticle"

    class Meta:
        verbose_name = _("documentation page")

    @cached_property
    def _around(self):
        pages = [page for _section, pages in self.documentation for page in pages]
        keys = [page.pk for page in pages]
        if self.pk not in keys:  # a draft in preview
            return None, None
        at = keys.index(self.pk)
        return (pages[at - 1] if at else None), (pages[at + 1] if at + 1 < len(pages) else None)

    @property
    def previous(self) -> "DocsPage | None":
        return self._around[0]

    @property
    def next(self) -> "DocsPage | None":
        return self._around[1]
