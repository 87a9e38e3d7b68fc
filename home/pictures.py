"""Pictures of the product, taken from the running product by docs/screenshots and kept as static files."""

from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WIDTHS = (640, 1280, 1920)  # pixels
ASPECT = (1280, 800)
FORMATS = {"avif": "image/avif", "webp": "image/webp"}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Picture:
    """One screen of the studio. A narrow window is a close look: its text can be read in half a column."""

    label: str | Promise  # what an editor chooses it by
    address: str  # in the studio
    window: int = 1280  # pixels across
    post: str = ""  # follow the link to this post of the demo first; {post} in the address is its number


PICTURES = {
    "studio": Picture(_("The studio’s home"), "/admin/", window=960),
    "compose": Picture(_("Writing with AI: a brief and its drafts"), "/admin/compose/", window=1200),
    "editor": Picture(_("The editor, with its preview"), "/admin/pages/{post}/edit/", post="electricity from the roof"),
    "review": Picture(_("A post in review"), "/admin/posts/{post}/", window=960, post="electricity from the roof"),
    "calendar": Picture(_("The calendar"), "/admin/calendar/"),
}


def file_of(name: str, theme: str, width: int, kind: str) -> str:
    return f"home/pictures/{name}-{theme}-{width}.{kind}"


def sources(name: str) -> dict[str, dict[str, list[tuple[int, str]]]]:
    """Addresses by theme and format, each with its widths."""
    return {
        theme: {kind: [(width, static(file_of(name, theme, width, kind))) for width in WIDTHS] for kind in FORMATS}
        for theme in THEMES
    }
