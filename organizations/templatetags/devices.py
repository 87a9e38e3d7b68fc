"""Says in a word or two which device a session is on."""

import re

from django import template

register = template.Library()

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("Windows", "Windows"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """`Firefox, Windows` for a browser; the program's own name for anything else, such as `curl`."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser is None:
        return re.split(r"[/ (]", user_agent, maxsplit=1)[0] or "?"
    return f"{browser}, {system}" if system else browser
