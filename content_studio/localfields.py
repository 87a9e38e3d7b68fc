"""Form fields for a moment as a clock on the wall shows it, and for the place where that clock hangs."""

import datetime
from functools import cache

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from organizations import timezones


class WallClockField(forms.DateTimeField):
    """Date and time as typed, without conversion: stored as if UTC, beside the zone that it is meant in.

    Django would read it in the time zone of the person's account instead.
    """

    widget = AdminDateTimeInput

    def prepare_value(self, value):
        if isinstance(value, datetime.datetime) and value.tzinfo is not None:
            return value.replace(tzinfo=None)
        return value

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.datetime):
            return value.replace(tzinfo=datetime.UTC)
        for accepted in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
            try:
                return datetime.datetime.strptime(str(value).strip(), accepted).replace(tzinfo=datetime.UTC)
            except ValueError:
                continue
        raise forms.ValidationError(_("Give date and time like this: 2026-03-28 09:30."), code="invalid")

    def has_changed(self, initial, data):
        try:
            return self.to_python(initial) != self.to_python(data)
        except forms.ValidationError:
            return True


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every IANA zone that names a place, grouped by its continent, UTC first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(timezones.known()):
        area, _slash, place = name.partition("/")
        if place and area not in ("Etc", "SystemV", "US", "Brazil", "Canada", "Chile", "Mexico"):
            groups.setdefault(area, []).append((name, place.replace("_", " ").replace("/", " – ")))
    return [("UTC", [("UTC", "UTC")]), *groups.items()]


class ZoneSelect(forms.Select):
    """All zones. A template for each of its four hundred options took a third of the editor's time."""

    def render(self, name, value, attrs=None, renderer=None):
        attrs = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(attrs), _options(str(value or "UTC")))


def _options(chosen: str) -> SafeString:
    before, here, after = _all_options().partition(format_html('<option value="{}">', chosen))
    if here:
        return mark_safe(before + here.replace(">", " selected>") + after)
    rare = format_html('<option value="{0}" selected>{0}</option>', chosen)
    return rare + _all_options()


@cache
def _all_options() -> SafeString:
    groups = ((area, format_html_join("", '<option value="{}">{}</option>', zones)) for area, zones in zone_choices())
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


class ZoneField(forms.ChoiceField):
    """An IANA time zone. A zone that is set already stays choosable, however rare."""

    widget = ZoneSelect

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Time zone"))
        super().__init__(choices=zone_choices, **kwargs)

    def valid_value(self, value):
        return value in timezones.known()
