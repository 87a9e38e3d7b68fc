"""Pieces of e-mails about an organization."""

import re
from dataclasses import dataclass

from django import template
from django.utils.safestring import mark_safe

from organizations import mails

register = template.Library()

ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Paragraph:
    """What a paragraph says, and where its last line leads if it is an address and nothing else."""

    text: str
    link: str = ""


@register.simple_tag
def mail_logo(organization) -> str:
    """The organization's logo, where `organizations.mails.letter` puts it."""
    return mark_safe(mails.logo_tag(organization))


@register.filter
def paragraphs(body: str) -> list[Paragraph]:
    """A mail's text taken apart, so that its page has buttons where the text has addresses."""
    found = []
    for block in re.split(r"\n\s*\n", body.strip()):
        *lines, last = block.strip().splitlines()
        if ADDRESS.fullmatch(last.strip()):
            found.append(Paragraph("\n".join(lines), last.strip()))
        else:
            found.append(Paragraph("\n".join([*lines, last])))
    return found
