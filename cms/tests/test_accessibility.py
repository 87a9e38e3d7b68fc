"""axe-core finds nothing on the studio's own pages, on a desk in the light and on a phone in the dark.

A new page of the studio is added to `PAGES`: its name, and where it is for the
demo organization's Owner (a path, or a question to the page that leads there).
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

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
    "a new stage": "/admin/review/new/",
    "labels": "/admin/labels/",
    "a new campaign": "/admin/campaigns/new/",
}
# Of a post that waits for a review, with a comment: what of its address names its number.
OF_A_POST = {
    "a post with comments": "/admin/posts/{}/",
    "request changes": "/admin/posts/{}/request-changes/",
    "dry run": "/admin/posts/{}/dry-run/",
    "many at once": "/admin/posts/bulk/?action=approve&id={}",
    "versions": "/admin/pages/{}/history/",
    "comparison": "/admin/pages/{}/revisions/compare/earliest...latest/",
}
OF_AN_APPROVED_POST = {"schedule": "/admin/posts/{}/schedule/", "publish": "/admin/posts/{}/publish/"}
LOOKS = {"desk": ({"width": 1440, "height": 900}, "light"), "phone": ({"width": 375, "height": 800}, "dark")}
# What is Wagtail's own and not ours to mend is named here, with the reason.
NOT_OURS: dict[str, str] = {}


def show_week(page):
    page.get_by_role("button", name="Week", exact=True).click()
    expect(page.locator(".fc-timegrid")).to_be_visible()


def move_a_post(page):
    page.locator(".st-event__move").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Move this post?")).to_be_visible()


def open_panel(name):
    def opened(page):
        page.locator(f"[data-side-panel-toggle='{name}']").click()
        expect(page.locator(f"[data-side-panel='{name}']")).to_be_visible()

    return opened


def ask_for_help(page):
    page.get_by_text("Improve with AI").first.click()
    page.get_by_role("button", name="Suggest hashtags").first.click()
    expect(page.locator(".as-options button").first).to_be_visible()


# Where something is open: the page (of a post in review, where it names a number), and what opens it.
# Panels come last: the browser remembers them, and on a phone they cover the page.
OPENED = {
    "calendar by week": ("/admin/calendar/", show_week),
    "calendar, moving a post": ("/admin/calendar/", move_a_post),
    "editor with help": ("/admin/pages/{}/edit/", ask_for_help),
    "editor with its state": ("/admin/pages/{}/edit/", open_panel("status")),
    "editor with its preview": ("/admin/pages/{}/edit/", open_panel("preview")),
    "editor with its checks": ("/admin/pages/{}/edit/", open_panel("checks")),
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_the_pages_of_the_studio(product, sign_in, look):
    viewport, scheme = LOOKS[look]
    page = sign_in("owner", viewport=viewport, color_scheme=scheme)
    page.goto(f"{product.url}/admin/posts/")

    def number(state):
        row = page.locator(f"tr:has(.st-state--{state}) .st-cell-post a").last
        return row.get_attribute("href").strip("/").rsplit("/", 1)[-1]

    review, approved, draft = number("in-review"), number("approved"), number("draft")
    pages = {
        **PAGES,
        **{name: path.format(review) for name, path in OF_A_POST.items()},
        **{name: path.format(approved) for name, path in OF_AN_APPROVED_POST.items()},
        "a draft": f"/admin/posts/{draft}/",
        "the editor": f"/admin/pages/{draft}/edit/",
    }
    visits = [(name, path, None) for name, path in pages.items()]
    visits += [(name, path.format(review), opens) for name, (path, opens) in OPENED.items()]

    found = []
    for name, path, opens in visits:
        answer = page.goto(product.url + path)
        assert answer.status == 200, f"{name}: {path} answers {answer.status}"
        page.wait_for_load_state("networkidle")
        if opens:
            opens(page)
        for violation in Axe().run(page).response["violations"]:
            nodes = [node["target"] for node in violation["nodes"]]
            if violation["id"] not in NOT_OURS:
                found.append(f"{name}: {violation['id']}: {violation['help']}: {nodes}")
    assert not found, "\n".join(found)
