"""What templates of the public site need: the frame, the marker, icons, pictures, anchors, coloured code."""

import hashlib
import json
import re
from collections.abc import Sequence

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from billing.catalogue import plans_as_sold
from home import navigation, pictures, structured_data
from home.blocks.article import LANGUAGES
from home.blocks.base import address_of
from home.icons import PATHS
from home.stylesheet import stylesheet

register = template.Library()

WIDTHS = (480, 960, 1440, 2160)  # pixels; a browser takes the smallest that fills its screen

_HEADING = re.compile(r"<h([23])(?P<attributes>[^>]*)>(?P<text>.*?)</h\1>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="")


@register.simple_tag(takes_context=True)
def site_frame(context):
    return navigation.frame_for(context["request"])


@register.simple_tag
def stylesheet_address():
    return reverse("stylesheet", args=[stylesheet()[1]])


@register.simple_tag
def plans():
    return plans_as_sold()


@register.filter
def dollars(cents: int) -> str:
    """2900 → $29, 2450 → $24.50."""
    return f"${cents // 100:,}" if cents % 100 == 0 else f"${cents / 100:,.2f}"


@register.filter
def a_month(yearly_cents: int) -> str:
    """What a yearly price is by the month."""
    return dollars(round(yearly_cents / 12))


@register.filter
def months_free(plan) -> int:
    """How many months a year's payment saves."""
    return (12 * plan.monthly_cents - plan.yearly_cents) // plan.monthly_cents if plan.monthly_cents else 0


@register.filter
def marked(text: str) -> str:
    """`a *b* c`, with the marker over b."""
    parts = re.split(r"\*([^*]+)\*", str(text))
    return mark_safe(
        "".join(
            f'<mark class="mark">{conditional_escape(part)}</mark>' if odd else conditional_escape(part)
            for part, odd in zip(parts, [False, True] * len(parts), strict=False)
        )
    )


@register.simple_tag
def icon(name: str, css_class: str = "icon"):
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>', css_class, PATHS.get(name, "")
    )


@register.inclusion_tag("home/parts/picture_sources.html")
def picture_of(picture, sizes: str, eager: bool = False):
    """A picture in several widths, as AVIF and WebP, and another one for dark screens where there is one."""

    def sources(image):
        by_format = {}
        for kind in ("avif", "webp"):
            renditions = image.get_renditions(*[f"width-{width}|format-{kind}" for width in WIDTHS])
            by_format[kind] = sorted({each.width: each for each in renditions.values()}.items())
        return by_format

    light, dark = picture["image"], picture["image_dark"]
    found = sources(light)
    return {
        "light": found,
        "dark": sources(dark) if dark is not None and not dark.organization_id else None,
        "fallback": found["webp"][-1][1],
        "alt": picture["alt"],
        "sizes": sizes,
        "eager": eager,
    }


@register.inclusion_tag("home/parts/screenshot_sources.html")
def screenshot_of(picture, sizes: str, eager: bool = False, glance: bool = False):
    """A picture of the product in several widths, as AVIF and WebP, in the light and in the dark, and as on a phone.

    A glance is small everywhere, and so never the one of a phone.
    """
    shapes = (pictures.WIDE,) if glance else pictures.SHAPES
    *others, last = pictures.sources(picture["screenshot"], shapes=shapes)
    return {"others": others, "last": last, "alt": picture["alt"], "sizes": sizes, "eager": eager}


@register.filter
def entry(found, key):
    """What a dict or a list holds there; nothing where a list is shorter."""
    if isinstance(key, int) and key >= len(found):
        return ""
    return found[key]


@register.simple_tag(takes_context=True)
def drawing(context, name: str, alt: str = ""):
    """One of the site's own illustrations, drawn in place so that it follows light and dark."""
    svg = render_to_string(f"home/drawings/{name}.svg")
    role = format_html('role="img" aria-label="{}"', alt) if alt else 'aria-hidden="true"'
    return mark_safe(svg.strip().replace("<svg ", f'<svg class="drawing" {role} ', 1))


@register.filter
def leads_to(link) -> str:
    return address_of(link)


def anchor_of(html: str) -> str:
    return slugify(_TAGS.sub("", html)) or "section"


@register.filter
def anchored(html) -> str:
    """The same HTML; each heading of level two or three can be linked to."""

    def with_anchor(found):
        anchor = anchor_of(found["text"])
        level = found[1]
        link = f'<a class="anchor" href="#{anchor}">{found["text"]}</a>'
        return f'<h{level} id="{anchor}"{found["attributes"]}>{link}</h{level}>'

    return mark_safe(_HEADING.sub(with_anchor, str(html)))


@register.filter
def contents(body) -> Sequence[tuple[str, str]]:
    """(anchor, text) of each level-two heading in a page's body."""
    found = []
    for block in body:
        if block.block_type == "text":
            for match in _HEADING.finditer(block.value.source):
                if match[1] == "2":
                    found.append((anchor_of(match["text"]), mark_safe(_TAGS.sub("", match["text"]))))
    return found


@register.filter
def has_code(body) -> bool:
    return any(block.block_type == "code" for block in body or ())


@register.simple_tag
def coloured(code: str, language: str):
    """The code as HTML, its parts in spans that site.css colours."""
    try:
        return mark_safe(highlight(code, get_lexer_by_name(language), _FORMATTER).rstrip("\n"))
    except ClassNotFound:
        return escape(code)


@register.filter
def group_name(samples) -> str:
    """The same for all samples of one code block: browsers then keep only one of them open."""
    return "code-" + hashlib.blake2b("".join(each["code"] for each in samples).encode(), digest_size=4).hexdigest()


@register.filter
def language_name(key: str) -> str:
    return str(dict(LANGUAGES).get(key, key))


@register.simple_tag(takes_context=True)
def json_ld(context, page, canonical, site, picture):
    """The page's structured data. `<` is escaped so that no text can close the element."""
    data = structured_data.structured_data(page, canonical=canonical, site=site, picture=picture)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.filter
def absolute(address: str) -> str:
    return address if address.startswith(("http://", "https://")) else settings.BASE_URL + address


@register.filter
def minutes_to_read(body) -> int:
    """At 220 words a minute, at least one."""
    words = sum(len(_TAGS.sub(" ", str(block.value)).split()) for block in body)
    return max(1, round(words / 220))
