"""The crop or conversion that makes a picture acceptable to a network."""

import pytest

from publishing.networks import rules_for

INSTAGRAM = rules_for("instagram").media.image
BLUESKY = rules_for("bluesky").media.image


def rendition(rules, width, height, mime_type="image/jpeg", **more):
    return rules.rendition(width=width, height=height, mime_type=mime_type, **more)


def test_a_picture_that_is_fine_stays_as_it_is():
    assert rendition(INSTAGRAM, 1080, 1080) == ""
    assert rendition(BLUESKY, 1080, 1080, "image/png", size=900_000) == ""


@pytest.mark.parametrize(
    ("size", "operation"),
    [
        ((3000, 1000), "fill-1440x754"),  # too wide: 1.91:1
        ((1000, 3000), "fill-1000x1250"),  # too tall: 4:5
        ((4000, 4000), "max-1440x1800"),
    ],
)
def test_instagram_gets_a_crop_at_the_nearest_ratio(size, operation):
    assert rendition(INSTAGRAM, *size) == operation


def test_instagram_gets_jpeg():
    assert rendition(INSTAGRAM, 1080, 1080, "image/png") == "max-1440x1800|format-jpeg|jpegquality-90"


def test_a_carousel_follows_its_first_picture():
    assert rendition(INSTAGRAM, 1080, 1350, ratio=1.0) == "fill-1080x1080"


def test_a_picture_too_heavy_for_bluesky_becomes_a_smaller_jpeg():
    assert rendition(BLUESKY, 5000, 3000, size=4_000_000) == "max-2000x2000|format-jpeg|jpegquality-80"


def test_an_animation_is_not_stopped_by_resizing():
    assert rendition(BLUESKY, 5000, 5000, "image/gif", size=4_000_000) == ""


@pytest.mark.parametrize("size", [(3000, 1000), (1000, 3000), (321, 5000), (5000, 400), (333, 777)])
def test_every_crop_is_accepted_afterwards(size):
    operation = rendition(INSTAGRAM, *size).split("|")[0]
    width, height = map(int, operation.removeprefix("fill-").split("x"))
    assert INSTAGRAM.takes_ratio(width, height)
    assert width <= size[0] and height <= size[1]
