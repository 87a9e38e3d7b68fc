"""Pieces of e-mails about an organization.

A letter is written as text, of which its page is made. What people or networks wrote stands in it by the filters
`quoted` or `one_line`: neither can make a button, end the letter, or begin a paragraph of its own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.utils.safestring import mark_safe

from organizations import mails

register = template.Library()


@dataclass(frozen=True)
class Paragraph:
    """What a paragraph says, and the address in its last line where the letter's template has put one."""

    text: str
    link: str = ""
    is_quote: bool = False

    @property
    def is_button(self) -> bool:
        """True for addresses of this installation alone."""
        return self.link.startswith(f"{settings.BASE_URL}/")


@register.simple_tag
def mail_logo(organization) -> str:
    """The organization's logo, where `organizations.mails.letter` puts it."""
    return mark_safe(mails.logo_tag(organization))


@register.simple_tag(takes_context=True)
def address(context, url) -> str:
    """An address on a line of its own that the letter's page makes a button of, or a link where it leads elsewhere."""
    context["addresses"].append(url)
    return url


@register.filter
def one_line(text) -> str:
    """A name or a text in one line."""
    return " ".join(str(text).split())


@register.filter
def quoted(text) -> str:
    """What people or networks wrote, each line of it behind a `>`."""
    return "\n".join(f"> {line}".rstrip() for line in str(text).strip().splitlines())


@register.filter
def paragraphs(body: str, addresses: Iterable[str]) -> list[Paragraph]:
    """A letter's text taken apart. `addresses` are those that its template gave."""
    found = []
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = block.strip().split("\n")
        if all(line.startswith(">") for line in lines):
            found.append(Paragraph("\n".join(line[1:].strip() for line in lines), is_quote=True))
        elif lines[-1].strip() in addresses:
            found.append(Paragraph("\n".join(lines[:-1]), lines[-1].strip()))
        else:
            found.append(Paragraph("\n".join(lines)))
    return found
