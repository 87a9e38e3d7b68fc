"""Joins the public site and the studio: pages can be promoted, and their posts learn of later changes.

The two are neighbours that do not know each other; this is the place that knows both.
"""

from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import pre_delete
from wagtail.images import get_image_model
from wagtail.models import Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from content_studio import promoting
from content_studio.promoting import Source
from home import share_picture
from home.models import SitePage
from home.public import page_types, public_pages
from organizations.models import BasePage


def connect() -> None:
    promoting.read_pages_with(source_of, finder=page_at)
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(follow, dispatch_uid="cms.promoting.follow")
    for model in page_types():
        pre_delete.connect(forget, sender=model, dispatch_uid="cms.promoting.forget")


def source_of(page: BasePage) -> Source | None:
    """A live page of the public site that everybody may see, as something to write about."""
    if page.organization_id or not public_pages().filter(pk=page.pk).exists():
        return None
    specific = page.specific
    return Source(
        page_id=page.pk,
        url=settings.BASE_URL + specific.get_url(),
        title=specific.title,
        lead=specific.description,
        text=_text_of(specific),
        picture=lambda: _picture_of(specific),
    )


def page_at(url: str) -> BasePage | None:
    """The public page at an address of this site."""
    parts = urlsplit(url)
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None or parts.netloc != urlsplit(settings.BASE_URL).netloc:
        return None
    path = site.root_page.url_path.rstrip("/") + "/" + parts.path.strip("/")
    return public_pages().filter(url_path=path.rstrip("/") + "/").first()


def follow(sender, instance, **kwargs) -> None:
    """The page was published, unpublished or moved: its posts are told, and those of the pages below it."""
    if not isinstance(instance.specific, SitePage):
        return
    below = [instance.pk, *instance.get_descendants().values_list("pk", flat=True)]
    transaction.on_commit(lambda: _tell(below))


def forget(sender, instance, **kwargs) -> None:
    promoting.follow_page(instance.pk, None)


def _tell(page_ids: list[int]) -> None:
    promoted = promoting.promoted_among(page_ids)
    for page in BasePage.objects.filter(pk__in=promoted):
        promoting.follow_page(page.pk, source_of(page))


def _text_of(page: SitePage) -> str:
    body = getattr(page, "body", None)
    if not body:
        return ""
    soup = BeautifulSoup(str(body), "html.parser")
    for element in soup(("script", "style", "svg", "form")):
        element.decompose()
    lines = (" ".join(line.split()) for line in soup.get_text("\n").splitlines())
    return "\n".join(line for line in lines if line)


def _picture_of(page: SitePage) -> tuple[str, bytes]:
    """The picture that is shown where the page is shared: its own, or the one that is drawn from its title."""
    if page.social_image_id:
        image = get_image_model().objects.get(pk=page.social_image_id)
        with image.open_file() as file:
            return image.filename, file.read()
    with default_storage.open(share_picture.stored(page)) as file:
        return f"{page.slug or 'home'}.png", file.read()
