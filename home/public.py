"""What may be shown to everyone. Listings, search, sitemap, feeds and the pages API all ask here."""

from functools import cache

from django.apps import apps
from wagtail.models import Site

from organizations.models import BasePage

from .models import SitePage


@cache
def page_types() -> tuple[type[SitePage], ...]:
    """Every kind of page that the public site has; no other kind is ever listed."""
    return tuple(model for model in apps.get_app_config("home").get_models() if issubclass(model, SitePage))


def public_pages(root: BasePage | None = None):
    """Live pages of the public site below its root (or below `root`): no organization's, no private ones."""
    if root is None:
        site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
        root = site.root_page if site else None
    pages = BasePage.objects.live().public().filter(organization__isnull=True).type(*page_types())
    return pages.descendant_of(root, inclusive=True) if root else pages.none()
