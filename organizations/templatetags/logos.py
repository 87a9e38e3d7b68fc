"""The current organization's logo, in place of the icon of its entry in the studio's menu."""

from django import template
from django.utils.safestring import mark_safe

register = template.Library()


@register.inclusion_tag("organizations/organization_logo.html", takes_context=True)
def organization_logo(context):
    organization = getattr(context.get("request"), "organization", None)
    logo = organization.logo if organization is not None else None
    return {"address": _in_style(logo.get_rendition("fill-96x96|format-webp").url) if logo else ""}


def _in_style(address: str) -> str:
    """The address as a style may hold it: character references mean nothing there, and nothing may end the string."""
    for mark, code in (('"', "%22"), ("<", "%3C"), ("\\", "%5C"), ("\n", "")):
        address = address.replace(mark, code)
    return mark_safe(address)
