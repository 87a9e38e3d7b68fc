"""The brand's colours can be read by everyone, in the light and in the dark."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/brand/tokens.css").read_text()
DECLARED = dict(re.findall(r"--cs-([\w-]+):\s*([^;]+);", TOKENS))


def colour(name: str, theme: str) -> tuple[float, ...]:
    value = DECLARED[name]
    while reference := re.fullmatch(r"var\(--cs-([\w-]+)\)", value):
        value = DECLARED[reference[1]]
    found = re.findall(r"#([0-9a-f]{6})\b", value)
    digits = found[0] if theme == "light" or len(found) == 1 else found[1]
    return tuple(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))


def luminance(rgb) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


TEXTS = ["ink", "ink-soft", "ink-faint", "brand", "brand-hover", "good", "note", "warn", "bad"]
STATES = [name for name in DECLARED if name.startswith("state-")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface", "sunken"])
@pytest.mark.parametrize("text", TEXTS + STATES)
def test_text_can_be_read_on_every_ground(text, ground, theme):
    assert contrast(colour(text, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-brand", "brand"),
        ("on-brand", "brand-hover"),
        ("on-mark", "mark"),
        ("ink", "good-soft"),
        ("ink", "note-soft"),
        ("ink", "warn-soft"),
        ("ink", "bad-soft"),
        ("good", "good-soft"),
        ("note", "note-soft"),
        ("warn", "warn-soft"),
        ("bad", "bad-soft"),
        ("brand", "brand-soft"),
    ],
)
def test_text_can_be_read_on_its_own_ground(text, ground, theme):
    assert contrast(colour(text, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface", "sunken"])
def test_edges_of_controls_can_be_seen(ground, theme):
    assert contrast(colour("line-strong", theme), colour(ground, theme)) >= 3
