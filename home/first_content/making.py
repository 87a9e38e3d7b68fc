"""Makes the public site: its pages, and the site's root."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Site

from home.models import (
    Author,
    BlogIndexPage,
    BlogPage,
    Category,
    ContactPage,
    ContentPage,
    DocsIndexPage,
    DocsPage,
    DocsSectionPage,
    FeatureIndexPage,
    FeaturePage,
    HomePage,
    PricingPage,
    SitePage,
)
from organizations.models import BasePage

from ..editing import let_editors_edit
from . import markdown, renewing

HERE = Path(__file__).parent


@dataclass
class Outcome:
    """What became of each page of the first content."""

    made: list[SitePage] = field(default_factory=list)
    renewed: list[SitePage] = field(default_factory=list)
    left: list[tuple[SitePage, str]] = field(default_factory=list)  # they say something else, and why they stay so
    same: int = 0


@transaction.atomic
def make_site(*, renew: bool = False) -> Outcome:
    """Makes what is missing, in one transaction. With `renew`, pages that nobody has touched get today's words."""
    root = BasePage.objects.select_for_update().get(depth=1)
    maker = _Maker(renew=renew)
    home = maker.page(root, HomePage, slug="public-site", **_landing("home"))
    _be_the_site(home)
    let_editors_edit(home)
    maker.features(home)
    maker.page(home, PricingPage, slug="pricing", show_in_menus=True, **_landing("pricing"))
    maker.docs(home)
    maker.blog(home)
    for name in ("about", "contact", "security", "legal"):
        maker.article(home, ContactPage if name == "contact" else ContentPage, HERE / f"pages/{name}.md")
    legal = home.get_children().get(slug="legal")
    for name in ("privacy", "terms"):
        maker.article(legal, ContentPage, HERE / f"pages/legal-{name}.md", slug=name)
    return maker.outcome


@cache
def _read(name: str) -> dict:
    return yaml.safe_load((HERE / f"landing/{name}.yaml").read_text())


def _landing(name: str) -> dict:
    """The fields of a page that is built from blocks. `the usual one` stands for the call to action at most ends."""
    about = dict(_read(name))
    blocks = [next(iter(block.items())) for block in about["body"]]
    usual = _read("call_to_action")
    about["body"] = [(kind, usual if value == "the usual one" else value) for kind, value in blocks]
    return about


class _Maker:
    def __init__(self, *, renew: bool):
        self.renew = renew
        self.outcome = Outcome()

    def page(self, parent, model: type[SitePage], *, slug: str, **words):
        """The page below `parent` with this slug, made if it is not there."""
        if "body" in words:
            stream = model._meta.get_field("body").stream_block
            words["body"] = stream.to_python([{"type": kind, "value": value} for kind, value in words["body"]])
        found = model.objects.child_of(parent).filter(slug=slug).first()
        if found is not None:
            self.look_after(found, words)
            return found
        now = timezone.now()
        page = model(slug=slug, live=True, first_published_at=now, last_published_at=now, **words)
        parent.refresh_from_db()
        parent.add_child(instance=page)
        self.outcome.made.append(page)
        return page

    def look_after(self, page: SitePage, words: dict) -> None:
        if not self.renew:
            return
        if renewing.says(page, words):
            self.outcome.same += 1
        elif why := renewing.why_left(page):
            self.outcome.left.append((page, why))
        else:
            renewing.renew(page, words)
            self.outcome.renewed.append(page)

    def article(self, parent, model, path: Path, **fields):
        article = markdown.read(path)
        since = article.about.pop("in_force_since", None)
        if since:
            fields["in_force_since"] = date.fromisoformat(since)
        fields = {"slug": article.slug, **article.about, "body": article.body, **fields}
        return self.page(parent, model, **fields)

    def features(self, home):
        index = self.page(home, FeatureIndexPage, slug="features", show_in_menus=True, **_landing("features"))
        for path in sorted((HERE / "landing").glob("features-*.yaml")):
            _, _, slug = path.stem.split("-", 2)
            self.page(index, FeaturePage, slug=slug, **_landing(path.stem))

    def docs(self, home):
        index = self.page(
            home,
            DocsIndexPage,
            slug="docs",
            title="Docs",
            seo_title="Documentation · Content Studio",
            summary="How to do each thing in Content Studio, and how it behaves.",
            show_in_menus=True,
        )
        for line in (HERE / "docs/sections.txt").read_text().splitlines():
            folder, title, icon, summary = (part.strip() for part in line.split("|"))
            section = self.page(
                index, DocsSectionPage, slug=folder.lstrip("0123456789-"), title=title, icon=icon, summary=summary
            )
            for path in sorted((HERE / "docs" / folder).glob("*.md")):
                self.article(section, DocsPage, path)

    def blog(self, home):
        index = self.page(
            home,
            BlogIndexPage,
            slug="blog",
            title="Blog",
            summary="How we build Content Studio, and what we learn about publishing on the way.",
            show_in_menus=True,
        )
        author, _ = Author.objects.get_or_create(
            slug="content-studio",
            defaults={
                "name": "The Content Studio team",
                "about": "The people who build Content Studio.",
                "is_team": True,
            },
        )
        for path in sorted((HERE / "blog").glob("*.md")):
            article = markdown.read(path)
            names = [name.strip() for name in article.about.pop("categories").split(",")]
            day = date.fromisoformat(article.about.pop("date"))
            self.page(
                index,
                BlogPage,
                slug=article.slug,
                author=author,
                categories=[_category(name) for name in names],
                date=day,
                body=article.body,
                **article.about,
            )


def _category(name: str) -> Category:
    return Category.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]


def _be_the_site(home) -> None:
    """Makes `home` the root of the default site, in place of the page that Wagtail begins with."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        site = Site(hostname="localhost", is_default_site=True)
    if site.root_page_id == home.pk:
        return
    before = site.root_page if site.root_page_id else None
    address = urlsplit(settings.BASE_URL)
    site.root_page = BasePage.objects.get(pk=home.pk)
    site.site_name = settings.PRODUCT_NAME
    site.hostname = address.hostname or "localhost"
    site.port = address.port or (443 if address.scheme == "https" else 80)
    site.save()
    if before is not None and before.specific_class is BasePage and before.is_leaf():
        before.delete()
