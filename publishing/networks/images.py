"""What a picture has to be for a network, and the crop or conversion that makes it so."""

from dataclasses import dataclass

JPEG = "image/jpeg"
PNG = "image/png"
GIF = "image/gif"
WEBP = "image/webp"


@dataclass(frozen=True)
class ImageRules:
    """What a network takes. Ratios are width / height, lengths in pixels."""

    types: tuple[str, ...]
    max_bytes: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    min_width: int | None = None
    max_width: int = 4096
    max_height: int = 4096

    def takes_ratio(self, width: int, height: int) -> bool:
        # A crop is in whole pixels, so allow it to be off by less than one of them.
        slack = 1 / min(width, height)
        ratio = width / height
        return (self.min_ratio is None or ratio >= self.min_ratio - slack) and (
            self.max_ratio is None or ratio <= self.max_ratio + slack
        )

    def rendition(
        self, *, width: int, height: int, mime_type: str, size: int | None = None, ratio: float | None = None
    ) -> str:
        """Wagtail's filter that makes a picture acceptable, or "" if it is as it stands.

        A crop keeps the picture's focal point in sight. With `ratio`, the crop is
        to that ratio: a carousel shows every picture in the ratio of its first.
        """
        wanted = self.clamp(ratio or width / height)
        cropped = abs(wanted - width / height) > 1 / min(width, height)
        too_heavy = bool(self.max_bytes and size and size > self.max_bytes)
        too_wide = width > self.max_width or height > self.max_height
        wrong_type = mime_type not in self.types
        if not (cropped or too_heavy or too_wide or wrong_type):
            return ""
        if mime_type == GIF and not wrong_type and not cropped:
            return ""  # resizing an animation would stop it
        # A heavy picture is made smaller until JPEG at this size surely is light enough.
        most_width, most_height = (
            (min(self.max_width, 2000), min(self.max_height, 2000)) if too_heavy else (self.max_width, self.max_height)
        )
        if cropped:
            box_width = min(width, most_width, int(most_height * wanted))
            box_width = min(box_width, int(height * wanted))
            operation = f"fill-{box_width}x{max(1, round(box_width / wanted))}"
        else:
            operation = f"max-{most_width}x{most_height}"
        if wrong_type or too_heavy:
            operation += f"|format-jpeg|jpegquality-{80 if too_heavy else 90}"
        return operation

    def clamp(self, ratio: float) -> float:
        """The nearest ratio that the network takes."""
        if self.min_ratio is not None:
            ratio = max(ratio, self.min_ratio)
        if self.max_ratio is not None:
            ratio = min(ratio, self.max_ratio)
        return ratio
