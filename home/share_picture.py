"""Draws the picture that is shown where a page is shared: 1200 by 630, the title on paper, the brand below."""

import hashlib
import io
from functools import cache

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

from .stylesheet import source

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
PAPER, INK, SOFT, GREEN, MARKER = "#fbfcfb", "#0f1f19", "#42534b", "#0a6b4e", "#ffd566"
DESIGN = 1  # raise it when the drawing changes, so that pictures are drawn anew


@cache
def font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.truetype(source("brand/schibsted-grotesk.woff2"), size)
    loaded.set_variation_by_axes([weight])
    return loaded


def name_for(page) -> str:
    """Where the picture of this page is stored. Another title is another name."""
    said = f"{DESIGN}\n{headline_of(page)}\n{label_of(page)}".encode()
    return f"share/{page.pk}-{hashlib.blake2b(said, digest_size=8).hexdigest()}.png"


def headline_of(page) -> str:
    """What a hero says, if the page begins with one; else its title."""
    for block in getattr(page, "body", None) or ():
        if block.block_type == "hero":
            return block.value["heading"].replace("*", "")
    return page.title


def label_of(page) -> str:
    """The chapter that the page stands in."""
    return page.get_parent().title if page.depth > 3 else ""


def stored(page) -> str:
    """The name of the page's picture in the default storage, drawn if it is not there yet."""
    name = name_for(page)
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(draw(title=headline_of(page), label=label_of(page))))
    return name


def draw(*, title: str, label: str) -> bytes:
    """A PNG of the title."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(picture)
    size = next((size for size in (96, 84, 72, 60, 52) if len(wrap(title, font(size, 760))) <= 3), 46)
    lines = wrap(title, font(size, 760))[:4]
    step = round(size * 1.16)
    top = 250 - step * len(lines) // 2 + (20 if label else 0)
    if label:
        pen.text((MARGIN, MARGIN - 8), label, font=font(34, 560), fill=SOFT)
    last = lines[-1]
    baseline = top + step * (len(lines) - 1)
    end = MARGIN + pen.textlength(last, font=font(size, 760))
    # The marker goes over the last line, as it goes over what was approved.
    pen.rounded_rectangle((MARGIN - 14, baseline + size * 0.1, end + 14, baseline + size * 1.2), radius=12, fill=MARKER)
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + step * number), line, font=font(size, 760), fill=INK)
    sign(picture, pen)
    out = io.BytesIO()
    picture.quantize(64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def sign(picture: Image.Image, pen: ImageDraw.ImageDraw) -> None:
    mark = Image.open(source("brand/apple-touch-icon.png")).convert("RGB").crop((26, 26, 154, 154))
    picture.paste(mark.resize((72, 72), Image.Resampling.LANCZOS), (MARGIN - 4, HEIGHT - 136))
    pen.text((MARGIN + 84, HEIGHT - 126), settings.PRODUCT_NAME, font=font(42, 720), fill=INK)
    pen.rectangle((0, HEIGHT - 14, WIDTH, HEIGHT), fill=GREEN)


def wrap(text: str, face: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]
