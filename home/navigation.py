"""What stands in the head and the foot of every page of the public site."""

from dataclasses import dataclass, field

from django.conf import settings
from wagtail.models import Site

from .models import SiteSettings
from .public import public_pages


@dataclass(frozen=True)
class Frame:
    """The home page, the main menu, and the groups of links in the foot."""

    menu: list
    groups: list[tuple[str, list]]
    about: SiteSettings | None
    product: str = settings.PRODUCT_NAME
    analytics: dict = field(default_factory=dict)


def frame_for(request) -> Frame:
    """Three queries, whatever the number of pages."""
    site = Site.find_for_request(request)
    if site is None:
        return Frame(menu=[], groups=[], about=None)
    pages = [page for page in public_pages(site.root_page).filter(depth__lte=4).order_by("path") if page.depth > 2]
    chapters = [page for page in pages if page.depth == 3]
    menu = [page for page in chapters if page.show_in_menus]
    below = {page.pk: [each for each in pages if each.path.startswith(page.path) and each.depth == 4] for page in menu}
    groups = [(page.title, below[page.pk][:8]) for page in menu if below[page.pk] and page.slug != "blog"]
    rest = [page for page in chapters if not below.get(page.pk)]
    rest += [page for page in menu if page.slug == "blog"]
    company = [*rest, *[page for chapter in chapters if chapter not in menu for page in _below(chapter, pages)]]
    return Frame(
        menu=menu,
        groups=[*groups, (settings.PRODUCT_NAME, list(dict.fromkeys(company)))],
        about=SiteSettings.of(site),
        analytics=settings.SITE_ANALYTICS,
    )


def _below(chapter, pages):
    return [page for page in pages if page.depth == 4 and page.path.startswith(chapter.path)]
