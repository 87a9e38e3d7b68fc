"""Every page is valid HTML as a strict parser reads it, and what refers to something finds it."""

from collections import Counter

import pytest
from justhtml import JustHTML

from home.public import public_pages

pytestmark = pytest.mark.django_db
BESIDE_PAGES = [
    "/search/",
    "/search/?q=approval",
    "/search/?q=%3C%22%26",
    "/search/?q=zebracorn",
    "/nowhere/",
    "/newsletter/asked/",
    "/newsletter/confirm/x/",
    "/blog/category/publishing/",
    "/blog/author/content-studio/",
]
REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls", "for")


def test_every_page_is_valid_html(home, client):
    wrong = []
    for path in [*(page.get_url() for page in public_pages()), *BESIDE_PAGES]:
        document = JustHTML(client.get(path).content.decode(), collect_errors=True)
        wrong += [f"{path}: {error}" for error in document.errors]
        ids = Counter(element.attrs["id"] for element in document.query("[id]"))
        wrong += [f"{path}: {count} elements have the id {name}" for name, count in ids.items() if count > 1]
        for attribute in REFERRING:
            for element in document.query(f"[{attribute}]"):
                missing = set(element.attrs[attribute].split()) - ids.keys()
                wrong += [f"{path}: {attribute} names {name}, which is not there" for name in missing]
        wrong += [
            f"{path}: a section without a heading"
            for section in document.query("section")
            if not section.query("h1, h2, h3, h4")
        ]
        levels = [int(element.name[1]) for element in document.query("h1, h2, h3, h4")]
        steps = zip([0, *levels], levels, strict=False)
        wrong += [f"{path}: a heading of level {now} follows {before}" for before, now in steps if now > before + 1]
    assert not wrong, "\n".join(wrong)
