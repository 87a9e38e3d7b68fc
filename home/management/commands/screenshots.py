"""Takes the pictures of the product that the public site shows."""

import io
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from home.pictures import ASPECT, FORMATS, PICTURES, THEMES, WIDTHS, file_of

QUALITY = {"avif": 62, "webp": 82}
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


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
            for theme in THEMES:
                context = browser.new_context(
                    viewport={"width": ASPECT[0], "height": ASPECT[1]},
                    device_scale_factor=WIDTHS[-1] / ASPECT[0],
                    color_scheme=theme,
                    reduced_motion="reduce",
                )
                page = context.new_page()
                self.sign_in(page, options)
                for name in options["only"] or PICTURES:
                    page.goto(options["address"] + PICTURES[name][0], wait_until="networkidle")
                    page.wait_for_timeout(500)
                    self.write(place, name, theme, page.screenshot())
                    self.stdout.write(f"{name}, {theme}")
                context.close()
            browser.close()

    def sign_in(self, page, options):
        page.goto(options["address"] + "/accounts/login/")
        page.fill("input[name=login]", options["email"])
        page.fill("input[name=password]", options["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url, timeout=60_000)

    def write(self, place, name, theme, png):
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        for width in WIDTHS:
            height = round(picture.height * width / picture.width)
            scaled = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
            for kind in FORMATS:
                scaled.save(place / file_of(name, theme, width, kind), quality=QUALITY[kind])
