"""Pictures for the demo organization, drawn here so that nothing has to be downloaded or licensed."""

import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

SIZE = (1080, 1080)
CREAM, CLAY, COFFEE, PINE, SKY, DAWN = "#f6efe4", "#c8694a", "#4a2c20", "#25483d", "#bcd3d6", "#f0b886"


def cup() -> Image.Image:
    """A cup of coffee seen from above."""
    picture, draw = _canvas(CREAM)
    draw.rounded_rectangle((800, 480, 1010, 600), radius=60, fill="#ffffff")
    draw.rounded_rectangle((840, 515, 965, 565), radius=25, fill=CREAM)
    for radius, colour in ((370, "#e7dccb"), (330, "#ffffff"), (285, COFFEE), (265, "#7a4a32")):
        _disc(draw, 510, 540, radius, colour)
    for step in range(4):  # the leaf in the milk
        width, top = 150 - step * 26, 650 - step * 62
        draw.ellipse((510 - width, top - 60, 510 + width, top + 40), fill="#efd9bd")
        draw.ellipse((510 - width + 26, top - 78, 510 + width - 26, top + 2), fill="#7a4a32")
    draw.rectangle((504, 400, 516, 690), fill="#efd9bd")
    return picture


def mountains() -> Image.Image:
    """Terraced hills at dawn."""
    picture, draw = _canvas(DAWN)
    _disc(draw, 760, 330, 120, "#fbe3bd")
    for layer, colour in enumerate(("#d98d68", "#a8674f", "#5e6b52", PINE)):
        base, height = 480 + layer * 150, 120 - layer * 12
        ridge = [
            (x, base + math.sin(x / (150 + layer * 40) + layer * 1.7) * height + math.sin(x / 61 + layer) * 22)
            for x in range(0, SIZE[0] + 20, 20)
        ]
        draw.polygon([(0, SIZE[1]), *ridge, SIZE], fill=colour)
    return picture


def bag() -> Image.Image:
    """A bag of beans on a shelf."""
    picture, draw = _canvas(SKY)
    draw.rectangle((0, 860, 1080, 1080), fill="#8d5b3f")
    draw.rectangle((0, 860, 1080, 876), fill="#a8714f")
    draw.polygon([(350, 250), (730, 250), (760, 860), (320, 860)], fill=PINE)
    draw.rectangle((350, 200, 730, 270), fill="#1b362e")
    draw.rounded_rectangle((415, 430, 665, 720), radius=18, fill=CREAM)
    _bean(draw, 540, 540, 62, CLAY)
    for top, width in ((630, 170), (660, 120)):
        draw.rounded_rectangle((540 - width / 2, top, 540 + width / 2, top + 12), radius=6, fill=COFFEE)
    return picture


def beans() -> Image.Image:
    """Roasted beans, spread out."""
    picture, draw = _canvas(CLAY)
    order = random.Random(7)  # noqa: S311 - a picture, not a secret
    for row in range(9):
        for column in range(9):
            x = column * 130 + (65 if row % 2 else 0) + order.randint(-16, 16)
            y = row * 130 + order.randint(-16, 16)
            _bean(draw, x, y, order.randint(44, 56), order.choice([COFFEE, "#5d3828", "#3b2219"]))
    return picture


PICTURES: dict[str, tuple[str, Callable[[], Image.Image]]] = {
    "cup": ("A flat white with a leaf poured into the milk, seen from above", cup),
    "mountains": ("Terraced coffee hills at dawn", mountains),
    "bag": ("A dark green bag of beans on a wooden shelf", bag),
    "beans": ("Freshly roasted beans on a clay-coloured table", beans),
}


def jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _canvas(colour: str):
    picture = Image.new("RGB", SIZE, colour)
    return picture, ImageDraw.Draw(picture)


def _disc(draw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _bean(draw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse((x - radius, y - radius * 0.7, x + radius, y + radius * 0.7), fill=colour)
    draw.arc((x - radius * 0.85, y - radius * 0.28, x + radius * 0.85, y + radius * 0.22), 10, 170, fill=CREAM, width=4)
