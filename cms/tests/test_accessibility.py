"""axe-core finds nothing on the studio's own pages, on a desk in the light and on a phone in the dark.

A new page of the studio is added to `PAGES`: its name, and where it is for the
demo organization's Owner (a path, or a question to the page that leads there).
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/admin/",
    "compose": "/admin/compose/",
    "posts": "/admin/posts/",
    "calendar": "/admin/calendar/",
    "tones": "/admin/tones/",
    "hashtag sets": "/admin/hashtag_sets/",
    "a new hashtag set": "/admin/hashtag_sets/new/",
    "link tags": "/admin/utm_presets/new/",
    "a new brief": "/admin/briefs/new/",
    "voices": "/admin/brand_voices/",
    "a new voice": "/admin/brand_voices/new/",
    "guidelines": "/admin/guidelines/",
    "queue": "/admin/queue/",
    "import": "/admin/posts/import/",
    "plan and usage": "/admin/plan/",
    "plans": "/admin/plan/choose/",
    "what stays in use": "/admin/plan/keep/",
    "review": "/admin/review/",
    "review links": "/admin/review/links/",
}
# Reached from the list of posts: the first post's overview, and its editor.
FIRST_POST = ".st-cell-post a"
LOOKS = {"desk": ({"width": 1440, "height": 900}, "light"), "phone": ({"width": 375, "height": 800}, "dark")}
# What is Wagtail's own and not ours to mend is named here, with the reason.
NOT_OURS: dict[str, str] = {}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_the_pages_of_the_studio(product, sign_in, look):
    viewport, scheme = LOOKS[look]
    page = sign_in("owner", viewport=viewport, color_scheme=scheme)
    page.goto(f"{product.url}/admin/posts/")
    overview = page.locator(FIRST_POST).first.get_attribute("href")
    number = overview.strip("/").rsplit("/", 1)[-1]
    pages = PAGES | {"a post": overview, "the editor": f"/admin/pages/{number}/edit/"}

    found = []
    for name, path in pages.items():
        answer = page.goto(product.url + path)
        assert answer.status == 200, f"{name}: {path} answers {answer.status}"
        page.wait_for_load_state("networkidle")
        for violation in Axe().run(page).response["violations"]:
            nodes = [node["target"] for node in violation["nodes"]]
            if violation["id"] not in NOT_OURS:
                found.append(f"{name}: {violation['id']}: {violation['help']}: {nodes}")
    assert not found, "\n".join(found)
