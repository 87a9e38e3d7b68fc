"""What pages tell machines about themselves has what search engines ask of its kind, and refers to nothing missing."""

import json
import re
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from home.public import public_pages

pytestmark = pytest.mark.django_db

# Required and recommended by developers.google.com/search/docs/appearance/structured-data, where it asks for a type;
# else what schema.org's own examples have. Ratings and reviews are left out: there are none.
WANTED = {
    "AboutPage": {"name", "url", "description"},
    "Answer": {"text"},
    "Blog": {"name", "url", "description"},
    "BlogPosting": {"headline", "image", "datePublished", "dateModified", "author", "publisher", "mainEntityOfPage"},
    "BreadcrumbList": {"itemListElement"},
    "CollectionPage": {"name", "url", "description"},
    "ContactPage": {"name", "url", "description"},
    "EntryPoint": {"urlTemplate"},
    "FAQPage": {"mainEntity"},
    "ListItem": {"position", "name", "item"},
    "Offer": {"name", "price", "priceCurrency", "priceSpecification", "url"},
    "Organization": {"name", "url"},
    "QuantitativeValue": {"value", "unitCode"},
    "Question": {"name", "acceptedAnswer"},
    "SearchAction": {"target", "query-input"},
    "SoftwareApplication": {"name", "url", "offers", "applicationCategory", "operatingSystem"},
    "TechArticle": {"headline", "image", "datePublished", "dateModified", "author", "publisher", "mainEntityOfPage"},
    "UnitPriceSpecification": {"price", "priceCurrency", "referenceQuantity"},
    "WebPage": {"name", "url", "description"},
    "WebSite": {"name", "url", "potentialAction"},
}
ADDRESSES = {"url", "logo", "image", "item", "mainEntityOfPage", "urlTemplate", "@id"}


def graph_of(client, path):
    html = client.get(path).content.decode()
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])["@graph"]


def nodes(part):
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from nodes(each)


def test_every_page_says_all_that_its_kind_asks_for(home, client):
    wrong, kinds = [], set()
    for page in public_pages():
        path = page.get_url()
        graph = graph_of(client, path)
        known = {each["@id"] for each in graph if "@id" in each}
        for node in nodes(graph):
            if set(node) == {"@id"}:
                wrong += [] if node["@id"] in known else [f"{path}: {node['@id']} is not there"]
                continue
            kind = node["@type"]
            kinds.add(kind)
            missing = [name for name in WANTED[kind] if node.get(name) in (None, "", [])]
            wrong += [f"{path}: {kind} without {name}" for name in missing]
            wrong += [
                f"{path}: {kind}'s {name} is {node[name]}"
                for name in ADDRESSES & set(node)
                if not node[name].startswith(f"{settings.BASE_URL}/")
            ]
            for name in ("datePublished", "dateModified"):
                if name in node:
                    datetime.fromisoformat(node[name])
    assert not wrong, "\n".join(wrong)
    assert {"BlogPosting", "TechArticle", "SoftwareApplication", "FAQPage", "BreadcrumbList", "WebSite"} <= kinds


def test_what_a_post_names_can_be_fetched(home, client):
    graph = graph_of(client, "/blog/unknown-outcome/")
    post, company = graph[0], next(node for node in graph if node["@type"] == "Organization")
    assert company["logo"].endswith(".png")
    for address in (post["image"], post["author"]["url"], post["mainEntityOfPage"]):
        assert client.get(urlsplit(address).path).status_code == 200, address
