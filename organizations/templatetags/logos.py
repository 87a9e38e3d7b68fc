"""The current organization's logo, in place of the icon of its entry in the studio's menu."""

from django import template
from django.utils.safestring import mark_safe
from wagtail.images.models import SourceImageIOError

register = template.Library()


@register.inclusion_tag("organizations/organization_logo.html", takes_context=True)
def organization_logo(context):
    organization = getattr(context.get("request"), "organization", None)
    return {"address": _in_style(_address(organization)) if organization is not None else ""}


def _address(organization) -> str:
    """Where the logo lies, in the menu's size; nothing where there is none or its file is lost."""
    if organization.logo is None:
        return ""
    try:
        return organization.logo.get_rendition("fill-96x96|format-webp").url
    except SourceImageIOError:
        return ""


def _in_style(address: str) -> str:
    """The address as a style may hold it: character references mean nothing there, and nothing may end the string."""
    for mark, code in (('"', "%22"), ("<", "%3C"), ("\\", "%5C"), ("\n", "")):
        address = address.replace(mark, code)
    return mark_safe(address)
