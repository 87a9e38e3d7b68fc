"""What pages tell machines about themselves: schema.org as JSON-LD."""

from urllib.parse import urljoin

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import strip_tags

from billing.catalogue import plans_as_sold

from .models import BlogPage, HomePage, PricingPage, SiteSettings

ARTICLES = ("BlogPosting", "TechArticle")


def structured_data(page, *, canonical: str, site, picture: str) -> dict:
    """Everything about one page, as one JSON-LD document."""
    return {
        "@context": "https://schema.org",
        "@graph": [*_parts(page, canonical=canonical, site=site, picture=picture)],
    }


def _parts(page, *, canonical, site, picture):
    publisher = {"@id": f"{settings.BASE_URL}/#organization"}
    yield _page(page, canonical=canonical, picture=picture, publisher=publisher)
    if isinstance(page, HomePage) or page.structured_data_type in ARTICLES:
        yield _organization(site)
    if isinstance(page, HomePage):
        yield {
            "@type": "WebSite",
            "@id": f"{settings.BASE_URL}/#website",
            "url": f"{settings.BASE_URL}/",
            "name": settings.PRODUCT_NAME,
            "publisher": publisher,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": f"{settings.BASE_URL}/search/?q={{search_term_string}}",
                },
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
    if page.structured_data_type in ARTICLES:
        described |= {"headline": page.title, "image": picture, "mainEntityOfPage": canonical}
        described |= {"author": publisher, "publisher": publisher}
        if page.first_published_at:
            described["datePublished"] = page.first_published_at.isoformat()
            described["dateModified"] = page.last_published_at.isoformat()
    if isinstance(page, BlogPage):
        described["datePublished"] = page.date.isoformat()
        if page.author:
            address = page.get_parent().specific.reverse_subpage("by_author", args=[page.author.slug])
            described["author"] = {
                "@type": "Organization" if page.author.is_team else "Person",
                "name": page.author.name,
                "url": f"{settings.BASE_URL}{page.get_parent().get_url()}{address}",
            }
    return described


def _organization(site):
    about = SiteSettings.of(site)
    return {
        "@type": "Organization",
        "@id": f"{settings.BASE_URL}/#organization",
        "name": about.company,
        "url": f"{settings.BASE_URL}/",
        "logo": urljoin(f"{settings.BASE_URL}/", static("brand/apple-touch-icon.png")),
    }


def _product():
    return {
        "@type": "SoftwareApplication",
        "@id": f"{settings.BASE_URL}/#product",
        "name": settings.PRODUCT_NAME,
        "url": f"{settings.BASE_URL}/",
        "applicationCategory": "BusinessApplication",
        "operatingSystem": "Web",
        "offers": [
            {
                "@type": "Offer",
                "name": plan.name,
                "url": f"{settings.BASE_URL}{reverse('account_signup')}",
                "price": _money(plan.monthly_cents),
                "priceCurrency": "USD",
                "priceSpecification": [_price(plan.monthly_cents, "MON"), _price(plan.yearly_cents, "ANN")],
            }
            for plan in plans_as_sold()
        ],
    }


def _price(cents, unit):
    """`unit` is how long one pays for: MON or ANN, of UN/CEFACT."""
    return {
        "@type": "UnitPriceSpecification",
        "price": _money(cents),
        "priceCurrency": "USD",
        "referenceQuantity": {"@type": "QuantitativeValue", "value": 1, "unitCode": unit},
    }


def _money(cents):
    return f"{cents / 100:.2f}"


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
