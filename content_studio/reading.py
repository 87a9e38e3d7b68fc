"""What a web page says, as text: material to write about, which is never obeyed (`ai.prompts.DATA_RULE`)."""

import hashlib
from dataclasses import asdict, dataclass

from bs4 import BeautifulSoup
from django.core.cache import cache
from django.utils.translation import gettext as _

from publishing.fetching import CannotBeRead, fetch

MOST_CHARACTERS = 8_000  # more than a post can say of a page
KEPT_FOR = 300  # seconds: the drafts of one brief read a page once
_NOT_TEXT = ("script", "style", "noscript", "template", "svg", "nav", "footer", "form", "iframe", "aside")


@dataclass(frozen=True)
class WebPage:
    """A page as a person would retell it."""

    url: str
    title: str
    description: str
    text: str

    @property
    def material(self) -> str:
        parts = (self.title, self.description, self.text)
        return "\n\n".join(part for part in parts if part)[:MOST_CHARACTERS]


def read_page(url: str) -> WebPage:
    """The page at a public address. Raises CannotBeRead with what to do instead."""
    key = f"page:{hashlib.sha256(url.encode()).hexdigest()}"
    if kept := cache.get(key):
        return WebPage(**kept)
    try:
        fetched = fetch(url)
        if fetched.status != 200:
            raise CannotBeRead(_("%(url)s answers with %(status)s.") % {"url": url[:200], "status": fetched.status})
        if "html" not in fetched.content_type and "text/plain" not in fetched.content_type:
            raise CannotBeRead(_("%(url)s is no web page.") % {"url": url[:200]})
        page = page_in(fetched.body.decode(_charset(fetched.content_type), errors="replace"), url=fetched.url)
        if not page.material:
            raise CannotBeRead(_("%(url)s holds no text that can be read.") % {"url": url[:200]})
    except CannotBeRead as problem:
        advice = _("Write what matters into the brief, and choose not to read the page.")
        raise CannotBeRead(f"{problem.detail} {advice}") from problem
    cache.set(key, asdict(page), KEPT_FOR)
    return page


def page_in(html: str, *, url: str = "") -> WebPage:
    """Title, description and running text of an HTML document; what readers do not see is left out."""
    soup = BeautifulSoup(html, "html.parser")
    title = _meta(soup, "og:title") or (soup.title.get_text(" ", strip=True) if soup.title else "")
    description = _meta(soup, "og:description") or _meta(soup, "description")
    for element in soup(_NOT_TEXT):
        element.decompose()
    for element in soup.select("[hidden], [aria-hidden=true]"):
        element.decompose()
    body = soup.find("article") or soup.find("main") or soup.body or soup
    lines = (" ".join(line.split()) for line in body.get_text("\n").splitlines())
    return WebPage(url, title[:300], description[:600], "\n".join(line for line in lines if line)[:MOST_CHARACTERS])


def _meta(soup, name: str) -> str:
    tag = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
    return " ".join(str(tag.get("content", "")).split()) if tag else ""


def _charset(content_type: str) -> str:
    name = content_type.partition("charset=")[2].split(";")[0].strip("\"' ") or "utf-8"
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name
