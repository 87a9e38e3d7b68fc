"""What every page of the public site has: a summary, how it is shared, where it stands."""

from collections.abc import Callable

from django.conf import settings
from django.db import models
from django.http import HttpResponse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.search import index

from home.page_cache import keep
from organizations.models import BasePage


class SitePage(BasePage):
    """A page of the public site. It belongs to no organization and is the same for every visitor."""

    summary = models.TextField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences. Shown in lists, in search results and wherever the page is shared."),
    )
    social_image = models.ForeignKey(
        "organizations.LibraryImage",
        verbose_name=_("picture for sharing"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        limit_choices_to={"organization": None},
        help_text=_("Left empty, one is drawn from the title."),
    )
    hidden_from_search_engines = models.BooleanField(_("hide from search engines"), default=False)

    search_fields = [*BasePage.search_fields, index.SearchField("summary", boost=2)]
    api_fields = [APIField("summary")]
    content_panels = [*BasePage.content_panels, FieldPanel("summary")]
    promote_panels = [
        *BasePage.promote_panels,
        MultiFieldPanel(
            [FieldPanel("social_image"), FieldPanel("hidden_from_search_engines")], heading=_("Sharing and finding")
        ),
    ]

    structured_data_type = "WebPage"
    show_breadcrumbs = True

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        """What search engines and link previews say about the page."""
        return self.search_description or self.summary

    @cached_property
    def parents(self) -> list[BasePage]:
        """The pages above this one, from the home page down."""
        return list(self.get_ancestors().filter(depth__gte=2).order_by("path"))

    def serve(self, request, *args, **kwargs):
        return self.for_everyone(request, lambda: super(SitePage, self).serve(request, *args, **kwargs))

    def for_everyone(self, request, answer: Callable[[], HttpResponse]) -> HttpResponse:
        """The answer in the page's own language, and kept where it can be: the same for every visitor."""
        # Whatever the visitor's browser asks for: that is what lets one copy serve everyone.
        translation.activate(self.locale.language_code)
        request.LANGUAGE_CODE = self.locale.language_code
        response = answer()
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            keep(request, response)
        return response

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["canonical"] = self.canonical(request)
        return context

    def canonical(self, request) -> str:
        return settings.BASE_URL + self.get_url(request)
