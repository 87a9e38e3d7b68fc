"""Makes the public site: its pages, and the site's root."""

from collections.abc import Callable
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
from . import markdown

HERE = Path(__file__).parent


@transaction.atomic
def make_site() -> int:
    """Makes what is missing, in one transaction, and says how many pages that were."""
    root = BasePage.objects.select_for_update().get(depth=1)
    maker = _Maker()
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
    return maker.made


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
    def __init__(self):
        self.made = 0

    def page(self, parent, model: type[SitePage], *, slug: str, then: Callable | None = None, **fields):
        """The page below `parent` with this slug, made if it is not there."""
        found = model.objects.child_of(parent).filter(slug=slug).first()
        if found is not None:
            return found
        body = fields.pop("body", None)
        now = timezone.now()
        page = model(slug=slug, live=True, first_published_at=now, last_published_at=now, **fields)
        if body is not None:
            page.body = model._meta.get_field("body").stream_block.to_python(
                [{"type": kind, "value": value} for kind, value in body]
            )
        parent.refresh_from_db()
        parent.add_child(instance=page)
        if then is not None:
            then(page)
        self.made += 1
        return page

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
            defaults={"name": "The Content Studio team", "about": "The people who build Content Studio."},
        )
        for path in sorted((HERE / "blog").glob("*.md")):
            article = markdown.read(path)
            names = [name.strip() for name in article.about.pop("categories").split(",")]
            day = date.fromisoformat(article.about.pop("date"))

            def sort_in(page, names=names):
                for name in names:
                    category, _ = Category.objects.get_or_create(slug=slugify(name), defaults={"name": name})
                    page.categories.add(category)
                page.save()

            self.page(
                index,
                BlogPage,
                slug=article.slug,
                author=author,
                date=day,
                body=article.body,
                then=sort_in,
                **article.about,
            )


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
