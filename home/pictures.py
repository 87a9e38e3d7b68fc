"""Pictures of the product, taken from the running product by docs/screenshots and kept as static files."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

WIDTHS = (640, 1280, 1920)  # pixels
ASPECT = (1280, 800)
FORMATS = {"avif": "image/avif", "webp": "image/webp"}
THEMES = ("light", "dark")

# name: (address in the studio, what an editor chooses it by)
PICTURES = {
    "studio": ("/admin/", _("The studio’s home")),
    "compose": ("/admin/compose/", _("Composing a post")),
    "calendar": ("/admin/calendar/", _("The calendar")),
}


def file_of(name: str, theme: str, width: int, kind: str) -> str:
    return f"home/pictures/{name}-{theme}-{width}.{kind}"


def sources(name: str) -> dict[str, dict[str, list[tuple[int, str]]]]:
    """Addresses by theme and format, each with its widths."""
    return {
        theme: {kind: [(width, static(file_of(name, theme, width, kind))) for width in WIDTHS] for kind in FORMATS}
        for theme in THEMES
    }
