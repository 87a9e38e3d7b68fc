"""Takes the pictures of the product that the public site shows."""

import io
from itertools import product
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from home.pictures import FORMATS, PHONE, PICTURES, SHAPES, THEMES, file_of

QUALITY = {"avif": 62, "webp": 82}
CHROMIUM = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
WITH_MENU = ("calendar",)
BRIEF = "Our new decaf from Huila is on the shelf from Monday."


def write_drafts(page, shape):
    """Drafts by the demo writer, which says that it is one: as many as fill the screen."""
    page.fill("[name=prompt]", BRIEF)
    page.select_option("[name=tone]", "casual")
    for network in ("x", "mastodon", "bluesky") if shape is PHONE else ("x", "mastodon"):
        page.set_checked(f"[name=networks][value={network}]", True, force=True)
    page.get_by_role("button", name="Write drafts").click()
    page.wait_for_timeout(6_000)
    page.evaluate("document.querySelectorAll('*').forEach((each) => { each.scrollTop = 0; })")
    if shape is PHONE:  # where the drafts are below the brief
        show_from(page, page.get_by_role("heading", name="X", exact=True))


def show_preview(page, shape):
    if shape is PHONE:  # where it would cover the post
        return
    page.locator("[data-side-panel-toggle=preview]").click()
    page.wait_for_timeout(2_500)


def show_from(page, place):
    """Scrolls until `place` is right below the page's head, for which the studio leaves more room than it takes."""
    place.evaluate("(each) => { each.style.scrollMarginTop = '-42px'; each.scrollIntoView({ block: 'start' }); }")


STEPS = {"compose": write_drafts, "editor": show_preview}


class Command(BaseCommand):
    help = "Takes the pictures of the product anew, from a running product with demo data. Writes static/home/pictures."

    def add_arguments(self, parser):
        parser.add_argument("address", nargs="?", default="http://localhost:8000")
        parser.add_argument("--email", default="owner@demo.test")
        parser.add_argument("--password", default="demo-studio")
        parser.add_argument("--only", choices=PICTURES, action="append", help="take this picture alone")

    def handle(self, *args, **options):
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise CommandError("This needs the packages of requirements-dev.txt: run docs/screenshots.") from error
        place = Path(settings.BASE_DIR) / "static"
        (place / "home/pictures").mkdir(parents=True, exist_ok=True)
        chromium = next((path for path in CHROMIUM if Path(path).exists()), None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            for name, shape, theme in product(options["only"] or PICTURES, SHAPES, THEMES):
                self.write(place, name, shape, theme, self.take(browser, name, shape, theme, options))
                self.stdout.write(f"{name}{shape.suffix}, {theme}")
            browser.close()

    def take(self, browser, name, shape, theme, options) -> bytes:
        """The screen as a PNG in the shape's greatest width, with the menu folded in where the look is close."""
        picture = PICTURES[name]
        across, down = shape.aspect
        window = across if shape is PHONE else picture.window
        context = browser.new_context(
            viewport={"width": window, "height": window * down // across},
            device_scale_factor=shape.widths[-1] / window,
            color_scheme=theme,
            reduced_motion="reduce",
        )
        if name not in WITH_MENU:
            context.add_cookies([{"name": "wagtail_sidebar_collapsed", "value": "1", "url": options["address"]}])
        page = context.new_page()
        self.sign_in(page, options)
        post = self.number_of(page, picture.post, options) if picture.post else ""
        page.goto(options["address"] + picture.address.format(post=post), wait_until="networkidle")
        if name in STEPS:
            STEPS[name](page, shape)
        page.wait_for_timeout(1_500)
        taken = page.screenshot()
        context.close()
        return taken

    def number_of(self, page, words, options) -> str:
        page.goto(options["address"] + "/admin/posts/?q=" + quote(words), wait_until="networkidle")
        link = page.locator("main a[href^='/admin/posts/']", has_text=words).first
        return link.get_attribute("href").strip("/").rsplit("/", 1)[-1]

    def sign_in(self, page, options):
        page.goto(options["address"] + "/accounts/login/")
        page.fill("input[name=login]", options["email"])
        page.fill("input[name=password]", options["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url, timeout=60_000)

    def write(self, place, name, shape, theme, png):
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        for width in shape.widths:
            height = round(picture.height * width / picture.width)
            scaled = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
            for kind in FORMATS:
                scaled.save(place / file_of(name, shape, theme, width, kind), quality=QUALITY[kind])
