"""Pictures as providers get to see them."""

import io

from PIL import Image, ImageOps

from .base import Picture

# Providers charge for pixels; this is enough to recognise what matters.
LONGEST_SIDE = 1024


def as_picture(image) -> Picture:
    """A picture of the library (a LibraryImage), small, upright and without what the camera noted in it."""
    with image.open_file() as file, Image.open(file) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=80)
    return Picture(buffer.getvalue(), "image/jpeg")
