"""Choosing an IANA time zone: typing a part of its name is enough."""

import zoneinfo
from functools import cache

from django import forms
from django.forms.widgets import Script
from django.utils.html import format_html, format_html_join
from django.utils.timezone import now
from django.utils.translation import gettext as _

# Old names of the same places, and zones of the machinery: still taken, not offered.
_REGIONS = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
_OFFERED = (*_REGIONS, "Pacific/", "UTC")


@cache
def known() -> frozenset[str]:
    """Every zone of this machine. Kept, for asking reads the whole directory of zones each time."""
    return frozenset(zoneinfo.available_timezones())


@cache
def names() -> tuple[str, ...]:
    """The zones to offer, in alphabetical order."""
    return tuple(sorted(name for name in known() if name.startswith(_OFFERED)))


class TimezoneInput(forms.TextInput):
    """A field that suggests zones by any part of their name, with how far each is from UTC today."""

    class Media:
        js = [Script("organizations/timezone.js", defer=True)]

    def render(self, name, value, attrs=None, renderer=None):
        attrs = {**(attrs or {}), "list": f"{name}-zones", "autocomplete": "off", "spellcheck": "false"}
        attrs["data-offer"] = _("Use this device's: {zone}")
        moment = now()
        zones = ((zone, _distance(zone, moment)) for zone in names())
        options = format_html_join("", '<option value="{}">{}</option>', zones)
        field = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}-zones">{}</datalist>', field, name, options)


def _distance(zone: str, moment) -> str:
    """Such as `UTC+05:30`."""
    distance = f"{moment.astimezone(zoneinfo.ZoneInfo(zone)):%z}"
    return f"UTC{distance[:3]}:{distance[3:5]}"
