"""Promotes pages of the public site: drafts from what a page says, and a notice when the page changes later.

The site's pages belong to an app beside this one. Whoever composes both
(`cms`) says how such a page is read, by `read_pages_with`, and tells of its
changes by `follow_page`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from organizations.models import BasePage, LibraryImage
from organizations.problems import NotFound

from .models import SocialPost
from .promotions import Promotion
from .tagging import template_of


@dataclass(frozen=True)
class Source:
    """A public page as something to write about. `picture` gives the bytes of a JPEG or PNG, and its name."""

    page_id: int
    url: str
    title: str
    lead: str = ""
    text: str = ""
    picture: Callable[[], tuple[str, bytes]] | None = field(default=None, compare=False)

    @property
    def material(self) -> str:
        return "\n\n".join(filter(None, (self.title, self.lead, self.text)))[:8_000]

    @property
    def card(self) -> dict:
        """What the link's card shows."""
        return {"title": self.title[:200], "description": self.lead[:300]}


_readers: list[Callable[[BasePage], Source | None]] = []
_finders: list[Callable[[str], BasePage | None]] = []


def read_pages_with(
    reader: Callable[[BasePage], Source | None], *, finder: Callable[[str], BasePage | None] | None = None
) -> None:
    """Adds a way to read pages (None: not such a page, or not public), and one to find them by their address."""
    _readers.append(reader)
    if finder:
        _finders.append(finder)


def source_of(page: BasePage) -> Source | None:
    """The page as something to write about; None for a page that nobody outside can see."""
    return next((source for source in (reader(page) for reader in _readers) if source), None)


def source_for(*, page_id: int | None = None, url: str = "") -> Source:
    """The public page with this id or address. Raises NotFound."""
    page = BasePage.objects.filter(pk=page_id, organization=None).first() if page_id else None
    if page is None and url:
        page = next((found for found in (finder(url) for finder in _finders) if found), None)
    source = source_of(page) if page else None
    if source is None:
        raise NotFound(_("There is no public page like that on the site. Publish it first; then it can be promoted."))
    return source


def picture_for(source: Source, *, organization, user) -> LibraryImage | None:
    """The page's picture in the organization's own library; the same page gives the same picture again."""
    if source.picture is None:
        return None
    name, data = source.picture()
    image = LibraryImage(
        title=source.title[:255],
        file=ContentFile(data, name=name),
        collection=organization.collection,
        uploaded_by_user=user,
    )
    image._set_file_hash()
    there = LibraryImage.objects.filter(organization=organization, file_hash=image.file_hash).first()
    if there is not None:
        return there
    image.file_size = len(data)
    image.save()
    return image


def link_tags_for(source: Source) -> str:
    """Link tags that name the page as the campaign."""
    return template_of(source="{network}", medium="social", campaign=slugify(source.title)[:60])


def remember(post: SocialPost, *, page_id: int) -> None:
    """Notes that `post` promotes the page, as the page is now."""
    source = source_for(page_id=page_id)
    Promotion.objects.create(
        organization=post.organization,
        post=post,
        page_id=source.page_id,
        url=source.url,
        title=source.title[:255],
        lead=source.lead,
    )


def follow_page(page_id: int, source: Source | None) -> int:
    """Tells the promotions of a page how it is now (None: it is gone). Says how many posts are out of date since."""
    outdated = 0
    for promotion in Promotion.objects.filter(page_id=page_id):
        before = (promotion.gone, promotion.changes)
        promotion.gone = source is None
        if source is not None:
            now = {"title": source.title[:255], "lead": source.lead, "url": source.url}
            promotion.changes = {what: value for what, value in now.items() if value != getattr(promotion, what)}
        if before == (promotion.gone, promotion.changes):
            continue
        promotion.changed_at = timezone.now() if promotion.is_outdated else None
        promotion.save(update_fields=["gone", "changes", "changed_at"])
        outdated += promotion.is_outdated
    return outdated


def promoted_among(page_ids: list[int]) -> list[int]:
    """Those of the pages that some post promotes."""
    return list(Promotion.objects.filter(page_id__in=page_ids).values_list("page_id", flat=True).distinct())


def dismiss(promotion: Promotion) -> None:
    """Somebody has looked: what the page says now is what later changes are measured by."""
    for what, now in promotion.changes.items():
        setattr(promotion, what, now)
    promotion.changes, promotion.changed_at = {}, None
    if promotion.gone:
        promotion.page = None  # nothing more to follow
        promotion.gone = False
    promotion.save()


def outdated_of(organization, *, limit: int = 6) -> list[Promotion]:
    """Promotions whose page has changed, the latest change first."""
    changed = Promotion.objects.for_organization(organization).filter(changed_at__isnull=False)
    return list(changed.select_related("post").order_by("-changed_at")[:limit])
