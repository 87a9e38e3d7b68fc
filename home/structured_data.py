"""What pages tell machines about themselves: schema.org as JSON-LD."""

from urllib.parse import urljoin

from django.conf import settings
from django.utils.html import strip_tags

from billing.catalogue import plans_as_sold

from .models import BlogPage, HomePage, PricingPage, SiteSettings


def structured_data(page, *, canonical: str, site, picture: str) -> dict:
    """Everything about one page, as one JSON-LD document."""
    return {
        "@context": "https://schema.org",
        "@graph": [*_parts(page, canonical=canonical, site=site, picture=picture)],
    }


def _parts(page, *, canonical, site, picture):
    publisher = {"@id": f"{settings.BASE_URL}/#organization"}
    yield _page(page, canonical=canonical, picture=picture, publisher=publisher)
    if isinstance(page, HomePage):
        yield _organization(site)
        yield {
            "@type": "WebSite",
            "@id": f"{settings.BASE_URL}/#website",
            "url": f"{settings.BASE_URL}/",
            "name": settings.PRODUCT_NAME,
            "publisher": publisher,
            "potentialAction": {
                "@type": "SearchAction",
                "target": f"{settings.BASE_URL}/search/?q={{search_term_string}}",
                "query-input": "required name=search_term_string",
            },
        }
    if isinstance(page, HomePage | PricingPage):
        yield _product()
    if len(page.parents) > 1:
        yield _breadcrumbs(page)
    if questions := list(_questions(page)):
        yield {"@type": "FAQPage", "@id": f"{canonical}#questions", "mainEntity": questions}


def _page(page, *, canonical, picture, publisher):
    described = {
        "@type": page.structured_data_type,
        "@id": canonical,
        "url": canonical,
        "name": page.title,
        "inLanguage": page.locale.language_code,
    }
    if page.description:
        described["description"] = page.description
    if page.structured_data_type in ("BlogPosting", "TechArticle"):
        described |= {"headline": page.title, "image": picture, "publisher": publisher, "mainEntityOfPage": canonical}
        if page.last_published_at:
            described["dateModified"] = page.last_published_at.isoformat()
    if isinstance(page, BlogPage):
        described["datePublished"] = page.date.isoformat()
        if page.author:
            described["author"] = {"@type": "Person", "name": page.author.name}
    return described


def _organization(site):
    about = SiteSettings.of(site)
    return {
        "@type": "Organization",
        "@id": f"{settings.BASE_URL}/#organization",
        "name": about.company,
        "url": f"{settings.BASE_URL}/",
        "logo": urljoin(f"{settings.BASE_URL}/", f"{settings.STATIC_URL}brand/apple-touch-icon.png"),
    }


def _product():
    return {
        "@type": "SoftwareApplication",
        "@id": f"{settings.BASE_URL}/#product",
        "name": settings.PRODUCT_NAME,
        "applicationCategory": "BusinessApplication",
        "operatingSystem": "Web",
        "offers": [
            {
                "@type": "Offer",
                "name": plan.name,
                "price": f"{plan.monthly_cents / 100:.2f}",
                "priceCurrency": "USD",
            }
            for plan in plans_as_sold()
        ],
    }


def _breadcrumbs(page):
    trail = [*page.parents, page]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": step.title,
                "item": f"{settings.BASE_URL}{step.get_url()}",
            }
            for position, step in enumerate(trail, start=1)
        ],
    }


def _questions(page):
    for block in getattr(page, "body", None) or ():
        if block.block_type == "questions":
            for entry in block.value["questions"]:
                yield {
                    "@type": "Question",
                    "name": entry["question"],
                    "acceptedAnswer": {"@type": "Answer", "text": strip_tags(entry["answer"].source).strip()},
                }
