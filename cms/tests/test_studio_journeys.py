"""A post's way through the studio in a real browser: by the mouse, and by the keyboard alone."""

import datetime
import re
import zoneinfo

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
LONG = (
    "Slow Sunday is our new espresso, and we have been quiet about it for eleven months. Two lots from Huila, roasted "
    "apart, rested for nine days, then put together by weight and not by feeling. It tastes of cocoa, orange peel and "
    "the last hour before the bar opens. From Monday on it is on the shelf, and on the second grinder until it is gone."
)


def in_days(days: int, clock: str) -> datetime.datetime:
    day = datetime.datetime.now(BERLIN).date() + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time.fromisoformat(clock))


def day_of(calendar, moment):
    return calendar.locator(f".fc-daygrid-day[data-date='{moment:%Y-%m-%d}']")


def test_a_new_editors_post_is_sent_back_mended_approved_and_dragged_to_another_day(product, sign_in):
    mira = sign_in("member")
    mira.get_by_role("link", name="Write a post").first.click()
    mira.get_by_label("What is it about?").fill("Our new espresso blend Slow Sunday is on sale from Monday.")
    mira.get_by_role("button", name="Write drafts").click()
    mira.wait_for_url("**/edit/")
    for channel in ("LinkedIn – ", "Bluesky – ", "Mastodon – "):
        mira.get_by_label(channel).check()
    text = mira.locator("textarea[name$='-text']").first
    text.fill(LONG)

    # Three networks in the preview panel, of which one cannot take so much.
    mira.get_by_role("button", name=re.compile("preview", re.I)).first.click()
    modes = mira.get_by_label("Preview mode")
    for network in ("LinkedIn", "Bluesky", "Mastodon"):
        modes.select_option(label=network)
        shown = mira.frame_locator("#w-preview-iframe")
        expect(shown.locator("main")).to_contain_text("Slow Sunday is our new espresso")

    # Too long for Bluesky: the checks say so, AI shortens it, and the difference is accepted.
    mira.locator("[data-side-panel-toggle='checks']").click()
    mira.get_by_role("button", name="Shorten with AI").first.click()
    accept = mira.get_by_role("button", name="Accept")
    accept.click()
    expect(mira.get_by_role("button", name="Shorten with AI")).to_have_count(0)
    assert len(text.input_value()) <= 300
    shortened = text.input_value()
    text.press("Control+z")
    expect(text).to_have_value(LONG)
    text.press("Control+Shift+z")
    expect(text).to_have_value(shortened)
    mira.get_by_role("button", name="Submit for review").click()
    expect(mira.get_by_text("In review").first).to_be_visible()

    amir = sign_in("admin")
    amir.get_by_role("link", name="Slow Sunday is our new").first.click()
    overview = amir.url
    amir.get_by_role("link", name="Request changes…").click()
    amir.get_by_label("What should change?").fill("Say where one can buy it.")
    amir.get_by_role("button", name="Send back").click()
    expect(amir.get_by_text("Changes requested").first).to_be_visible()

    mira.goto(f"{product.url}/admin/")
    mira.get_by_role("link", name="Slow Sunday is our new").first.click()
    expect(mira.get_by_text("Amir Reyes asked for changes: Say where one can buy it.")).to_be_visible()
    text.fill("Slow Sunday, our new espresso: cocoa, orange peel, no regrets. From Monday at Lindenstraße 12.")
    mira.get_by_role("button", name="Submit for review").click()
    expect(mira.get_by_text("In review").first).to_be_visible()

    amir.goto(overview)
    amir.get_by_role("button", name="Approve").click()
    amir.get_by_role("link", name="Schedule…").click()
    planned, later = in_days(3, "10:30"), in_days(5, "10:30")
    amir.get_by_label("Date and time").fill(f"{planned:%Y-%m-%d %H:%M}")
    amir.get_by_role("button", name="Schedule", exact=True).click()
    expect(amir.get_by_text("Scheduled").first).to_be_visible()

    amir.goto(f"{product.url}/admin/calendar/")
    entry = day_of(amir, planned).get_by_role("link", name=re.compile("Slow Sunday, our new espresso"))
    expect(entry).to_be_visible()
    entry.drag_to(day_of(amir, later))
    dialog = amir.get_by_role("dialog", name="Move this post?")
    expect(dialog).to_contain_text(f"{later:%a %-d %b %Y, %H:%M} Europe/Berlin")
    dialog.get_by_role("button", name="Move").click()
    expect(day_of(amir, later).get_by_role("link", name=re.compile("Slow Sunday, our new espresso"))).to_be_visible()
    expect(dialog).to_be_hidden()
    amir.goto(overview)
    expect(amir.get_by_text(f"{later:%a %-d %b %Y, %H:%M} Europe/Berlin").first).to_be_visible()


def test_a_thread_is_one_step_back_and_one_step_on(product, sign_in):
    mira = sign_in("member")
    mira.goto(f"{product.url}/admin/posts/")
    mira.get_by_role("link", name="Blank post").click()
    texts = mira.locator("textarea[name$='-value-text']:visible")
    long = f"{LONG} {LONG}"
    texts.first.fill(long)
    mira.get_by_text("Improve with AI").first.click()
    mira.get_by_role("button", name="Make a thread").click()
    mira.get_by_role("button", name="Accept").click()
    undo = mira.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    parts = texts.evaluate_all("fields => fields.map((field) => field.value)")
    assert len(parts) > 2 and parts[0] != long

    texts.first.press("Control+z")
    expect(texts).to_have_count(1)
    expect(texts.first).to_have_value(long)
    texts.first.press("Control+Shift+z")
    expect(texts).to_have_count(len(parts))
    assert texts.evaluate_all("fields => fields.map((field) => field.value)") == parts

    texts.nth(1).fill("My own words.")
    undo.click()
    expect(texts).to_have_count(2)  # what somebody wrote since is not taken from them
    expect(texts.first).to_have_value(long)
    expect(texts.nth(1)).to_have_value("My own words.")


def tab_to(page, target):
    """Presses Tab until `target` has the focus, and one can see that it has."""
    for _press in range(150):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    else:
        pytest.fail(f"Tab never reaches {target}.")
    assert target.evaluate("element => element.matches(':focus-visible') && getComputedStyle(element).opacity === '1'")
    assert target.evaluate("element => getComputedStyle(element).outlineStyle") != "none", f"{target} shows no focus"


def go_by_keyboard(page, target):
    tab_to(page, target)
    page.keyboard.press("Enter")


def test_the_whole_way_is_walked_by_keyboard_alone(product, sign_in):
    mira = sign_in("member")
    go_by_keyboard(mira, mira.locator(".st-button-start"))
    tab_to(mira, mira.get_by_label("What is it about?"))
    mira.keyboard.type("Our quiet hour on Thursdays begins in December.")
    go_by_keyboard(mira, mira.get_by_role("button", name="Write drafts"))
    mira.wait_for_url("**/edit/")
    text = mira.locator("textarea[name$='-text']").first
    tab_to(mira, text)
    mira.keyboard.press("Control+a")
    mira.keyboard.type("The quiet hour begins in December: Thursdays, no music, same coffee.")
    go_by_keyboard(mira, mira.get_by_role("button", name="Submit for review"))
    expect(mira.get_by_text("In review").first).to_be_visible()

    amir = sign_in("admin")
    go_by_keyboard(amir, amir.get_by_role("link", name=re.compile("The quiet hour begins")).first)
    expect(amir.get_by_role("button", name="Approve")).to_be_visible()
    overview = amir.url
    go_by_keyboard(amir, amir.get_by_role("button", name="Approve"))
    expect(amir.get_by_text("Approved").first).to_be_visible()
    go_by_keyboard(amir, amir.get_by_role("link", name="Schedule…"))
    when = amir.get_by_label("Date and time")
    tab_to(amir, when)
    planned, later = in_days(3, "11:15"), in_days(5, "11:15")
    amir.keyboard.press("Control+a")
    amir.keyboard.type(f"{planned:%Y-%m-%d %H:%M}")
    go_by_keyboard(amir, amir.get_by_role("button", name="Schedule", exact=True))
    expect(amir.get_by_text("Scheduled").first).to_be_visible()

    amir.goto(f"{product.url}/admin/calendar/")
    move = day_of(amir, planned).get_by_role("button", name=re.compile("Move to….*The quiet hour begins"))
    expect(move).to_be_attached()
    go_by_keyboard(amir, move)
    dialog = amir.get_by_role("dialog", name="Move this post?")
    expect(dialog.get_by_role("button", name="Move")).to_be_disabled()  # it is there already
    amir.keyboard.type(f"{later:%m%d%Y}")
    expect(dialog).to_contain_text(f"{later:%a %-d %b %Y, %H:%M} Europe/Berlin")
    go_by_keyboard(amir, dialog.get_by_role("button", name="Move"))
    moved = day_of(amir, later).get_by_role("button", name=re.compile("Move to….*The quiet hour begins"))
    expect(moved).to_be_focused()
    amir.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    amir.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    amir.goto(overview)
    expect(amir.get_by_text(f"{later:%a %-d %b %Y, %H:%M} Europe/Berlin").first).to_be_visible()
