"""Pictures of the product, taken from the running product by docs/screenshots and kept as static files."""

from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORMATS = {"avif": "image/avif", "webp": "image/webp"}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Shape:
    """How a picture is cut, for which screens. On a phone the studio is seen as it is on a phone."""

    suffix: str  # of the files' names
    aspect: tuple[int, int]
    widths: tuple[int, ...]  # pixels, the widest last
    media: str = ""  # the screens that it is for


PHONE = Shape("-phone", aspect=(390, 560), widths=(480, 780), media="(max-width: 40rem)")
WIDE = Shape("", aspect=(1280, 800), widths=(640, 1280, 1920))
SHAPES = (PHONE, WIDE)  # a browser takes the first that suits its screen


@dataclass(frozen=True)
class Picture:
    """One screen of the studio. A narrow window is a close look: its text can be read in half a column."""

    label: str | Promise  # what an editor chooses it by
    address: str  # in the studio
    window: int = 1280  # pixels across; a phone's is as wide as its shape
    post: str = ""  # follow the link to this post of the demo first; {post} in the address is its number


PICTURES = {
    "studio": Picture(_("The studio’s home"), "/admin/", window=960),
    "compose": Picture(_("Writing with AI: a brief and its drafts"), "/admin/compose/", window=1200),
    "editor": Picture(
        _("The editor, with its preview"), "/admin/pages/{post}/edit/", window=1440, post="electricity from the roof"
    ),
    "review": Picture(_("A post in review"), "/admin/posts/{post}/", window=960, post="electricity from the roof"),
    "calendar": Picture(_("The calendar"), "/admin/calendar/"),
}


def file_of(name: str, shape: Shape, theme: str, width: int, kind: str) -> str:
    return f"home/pictures/{name}{shape.suffix}-{theme}-{width}.{kind}"


@dataclass(frozen=True)
class Source:
    """One `<source>`: where a browser that has this screen and knows this format finds the picture, by width."""

    shape: Shape
    theme: str
    kind: str
    files: list[tuple[int, str]]

    @property
    def media(self) -> str:
        dark = "(prefers-color-scheme: dark)" if self.theme == "dark" else ""
        return " and ".join(filter(None, (self.shape.media, dark)))

    @property
    def type(self) -> str:
        return FORMATS[self.kind]


def sources(name: str, *, shapes: tuple[Shape, ...] = SHAPES) -> list[Source]:
    """In the order in which a browser has to be asked. The last one suits all of them."""
    return [
        Source(
            shape, theme, kind, [(width, static(file_of(name, shape, theme, width, kind))) for width in shape.widths]
        )
        for shape in shapes
        for theme in reversed(THEMES)
        for kind in FORMATS
    ]
