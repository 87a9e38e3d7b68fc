"""Every page of the public site, as a visitor and a machine read it."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from billing.plans import PLANS
from home.blocks.reference import known_problems
from home.public import page_types, public_pages
from publishing.networks import NETWORKS

from .conftest import page_at

pytestmark = pytest.mark.django_db


class Read(HTMLParser):
    """What a page holds, by element."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]

    def meta(self, name: str) -> str | None:
        return next((a.get("content") for a in self.all("meta") if name in (a.get("name"), a.get("property"))), None)


@pytest.fixture
def pages(home, client):
    """Every public page: (page, answer, what it holds)."""
    found = []
    for page in public_pages().specific():
        answer = client.get(page.get_url())
        found.append((page, answer, Read(answer.content.decode())))
    return found


def test_first_content_has_every_kind_of_page_but_the_free_one(home):
    made = {type(page).__name__ for page in public_pages().specific()}
    assert {model.__name__ for model in page_types()} - made == {"LandingPage"}


def test_every_page_answers_and_sets_no_cookie(pages):
    assert len(pages) > 30
    for page, answer, _ in pages:
        assert answer.status_code == 200, page.url
        assert not answer.cookies, page.url


def test_every_page_says_what_it_is_to_search_engines(pages):
    titles = set()
    for page, answer, read in pages:
        assert len(read.all("h1")) == 1, page.url
        titles.add(re.search("<title>(.*?)</title>", answer.content.decode())[1])
        assert len(read.meta("description")) > 30, page.url
        canonical = [each["href"] for each in read.all("link") if each["rel"] == "canonical"]
        assert canonical == [settings.BASE_URL + page.get_url()]
        assert read.meta("og:title") and read.meta("og:url") == canonical[0]
    assert len(titles) == len(pages)


def test_every_page_has_structured_data_that_parses(pages):
    for page, answer, _ in pages:
        text = re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.content.decode(), re.DOTALL)[1]
        graph = json.loads(text)["@graph"]
        assert graph[0]["@id"] == settings.BASE_URL + page.get_url()
    assert [each["@type"] for each in graph]


def test_the_picture_for_sharing_is_a_png_of_the_right_size(home, client):
    for path in ("", "docs/api/first-request"):
        answer = client.get(f"/share/{page_at(path).pk}.png")
        content = b"".join(answer.streaming_content)
        assert answer["Content-Type"] == "image/png"
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (1200, 630)


def test_every_link_inside_the_site_leads_somewhere(pages, client):
    links = {
        urlsplit(each["href"])._replace(fragment="").geturl()
        for _, _, read in pages
        for each in read.all("a")
        if each.get("href", "").startswith("/")
    }
    assert "/docs/api/first-request/" in links
    wrong = {link: status for link in links if (status := client.get(link).status_code) not in (200, 301, 302)}
    assert not wrong


def test_every_anchor_on_a_page_exists(pages):
    for page, _, read in pages:
        ids = {attributes["id"] for _, attributes in read.elements if "id" in attributes}
        for each in read.all("a"):
            if each.get("href", "").startswith("#"):
                assert each["href"][1:] in ids, (page.url, each["href"])


def test_the_only_script_is_the_one_that_copies_code(pages):
    for page, answer, read in pages:
        scripts = [each["src"] for each in read.all("script") if each.get("type") != "application/ld+json"]
        assert scripts == (["/static/home/copy.js"] if b'class="sample"' in answer.content else []), page.url


def test_nothing_is_loaded_from_other_companies(pages):
    for page, _, read in pages:
        addresses = [each.get("src") for tag in ("script", "img", "iframe", "source") for each in read.all(tag)]
        addresses += [each["href"] for each in read.all("link") if each["rel"] in ("stylesheet", "preload", "icon")]
        assert all(each is None or each.startswith("/") for each in addresses), page.url


def test_the_site_speaks_its_own_language_whatever_the_browser_asks_for(home, client):
    answer = client.get("/legal/terms/", headers={"Accept-Language": "de"})
    assert "In force since 23 November 2026" in answer.content.decode()


def test_prices_are_those_of_the_catalogue(home, client):
    text = client.get("/pricing/").content.decode()
    for plan in PLANS.values():
        assert f"${plan.monthly_cents // 100}" in text
        assert f"{plan.tokens:,}" in text
    assert "1,000 tokens of the AI provider" in text


def test_a_token_is_explained_by_what_is_really_charged(home, client, settings):
    settings.PROVIDER_TOKENS_PER_TOKEN = 2000
    assert "2,000 tokens of the AI provider" in client.get("/pricing/").content.decode()


def test_limits_of_networks_are_those_that_are_applied(home, client):
    text = client.get("/docs/writing/networks/").content.decode()
    for network in NETWORKS:
        assert re.search(rf"{network.name}</th><td[^>]*>{network.text_limit:,} {network.unit}", text)


def test_documentation_is_read_in_order(home, client):
    first, second = page_at("docs/getting-started/first-post"), page_at("docs/getting-started/roles")
    assert first.previous is None and first.next.pk == second.pk and second.previous.pk == first.pk
    assert page_at("docs/writing/write-with-ai").previous.pk == second.pk  # over the end of a section
    assert f'rel="next" href="{second.get_url()}"' in client.get(first.get_url()).content.decode()


def test_an_error_of_the_api_leads_to_its_explanation(home, client):
    answer = client.get("/docs/api/problems/forbidden")
    assert answer.status_code == 302 and answer["Location"] == "/docs/api/problems/#forbidden"
    page = client.get("/docs/api/problems/").content.decode()
    slugs = known_problems()
    assert {"forbidden", "request-too-large", "precondition-failed"} <= set(slugs)
    for slug in slugs:
        assert client.get(f"/docs/api/problems/{slug}")["Location"] == f"/docs/api/problems/#{slug}"
        assert f'id="{slug}"' in page


def test_an_error_that_the_api_does_not_know_leads_nowhere(home, client):
    assert client.get("/docs/api/problems/nonsense-x").status_code == 404
    assert client.get("/docs/api/problems/nonsense-x/").status_code == 404


def test_code_samples_are_coloured_without_a_script(home, client):
    text = client.get("/docs/api/first-request/").content.decode()
    assert '<span class="kn">import</span>' in text
    assert re.search(r"<summary>Python</summary>", text)


def test_making_the_site_again_changes_nothing(home):
    from home.first_content.making import make_site

    page = page_at("about")
    page.title = "About us"
    page.save_revision().publish()
    assert make_site().made == []
    assert page_at("about").title == "About us"


def test_a_result_shows_the_place_that_has_the_words(home, client):
    text = client.get("/search/?q=approving+revision&in=docs").content.decode()
    assert "<mark>revision</mark>" in text
    other_form = client.get("/search/?q=suspended").content.decode()
    assert "A <mark>suspended</mark> channel keeps its plan" in other_form
    assert "<mark>" not in client.get("/search/?q=%3Cmark%3E").content.decode()


def test_a_long_passage_is_cut_around_the_word():
    from home.excerpts import LENGTH, excerpt
    from home.models import ContentPage

    page = ContentPage(title="x", summary="Nothing of it.")
    page.body = [("text", f"<p>{'before ' * 60}the Needle & more {'after ' * 60}</p>")]
    said = excerpt(page, "needles")
    assert "<mark>Needle</mark> &amp; more" in said
    assert said.startswith("… before") and said.endswith("after …")
    assert len(said) < LENGTH + 30
    assert excerpt(page, "absent") == "Nothing of it."


def test_a_missing_page_is_answered_with_a_search(home, client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert 'action="/search/"' in answer.content.decode()


def test_the_site_without_content_still_answers(db, client):
    assert client.get("/search/?q=x").status_code == 200
    assert client.get("/sitemap.xml").status_code == 200
    assert client.get("/llms.txt").status_code == 200


def test_old_addresses_are_redirected(home, client):
    from wagtail.contrib.redirects.models import Redirect

    Redirect.objects.create(old_path="/prices", redirect_page_id=page_at("pricing").pk, is_permanent=True)
    answer = client.get("/prices/")
    assert answer.status_code == 301 and answer["Location"].endswith("/pricing/")


def test_analytics_is_only_there_when_it_is_set(home, client, settings):
    assert b"counter.example" not in client.get("/").content
    settings.SITE_ANALYTICS = {"src": "https://counter.example/x.js", "attributes": {"data-domain": "us.example"}}
    text = client.get("/").content.decode()
    assert '<script defer src="https://counter.example/x.js" data-domain="us.example"></script>' in text
