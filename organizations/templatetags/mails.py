"""Pieces of e-mails about an organization."""

from django import template
from django.utils.safestring import mark_safe

from organizations import mails

register = template.Library()


@register.simple_tag
def mail_logo(organization) -> str:
    """The organization's logo, where `organizations.mails.letter` puts it."""
    return mark_safe(mails.logo_tag(organization))
