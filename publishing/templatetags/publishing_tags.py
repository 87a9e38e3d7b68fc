"""Words and moments on the engine's pages."""

import json

from django import template
from django.core.files.storage import default_storage
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from organizations.templatetags.mails import one_line
from publishing.localtime import to_local
from publishing.models import Channel, Delivery

register = template.Library()
register.filter(one_line)

TONES = {
    Delivery.State.PUBLISHED: "good",
    Delivery.State.SENDING: "busy",
    Delivery.State.SCHEDULED: "busy",
    Delivery.State.RETRYING: "careful",
    Delivery.State.HELD: "careful",
    Delivery.State.UNKNOWN: "careful",
    Delivery.State.FAILED: "bad",
    Channel.State.CONNECTED: "good",
    Channel.State.RECONNECT: "bad",
    Channel.State.SUSPENDED: "careful",
}


@register.simple_tag
def state_tag(thing):
    """The state of a delivery or channel as a coloured tag with a word."""
    tone = TONES.get(thing.state, "quiet")
    return format_html('<span class="cs-state cs-state--{}">{}</span>', tone, thing.get_state_display())


@register.simple_tag
def moment(value, zone):
    """A moment in the organization's own zone, with the moment itself for machines."""
    if value is None:
        return "–"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{to_local(value, zone):%Y-%m-%d %H:%M:%S}")


@register.simple_tag
def plain_moment(value, zone):
    """A moment in the organization's own zone, to the minute, for letters and sentences."""
    return f"{to_local(value, zone):%Y-%m-%d %H:%M}"


@register.simple_tag
def iso_moment(text, zone):
    """The same, of a moment that is kept as text."""
    return moment(parse_datetime(text) if text else None, zone)


@register.filter
def readable(value):
    """Something from the attempt log, as indented text."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def media_url(path):
    """Where a file of the library is served, by an address that is signed."""
    return default_storage.url(path)


@register.filter
def at(handle):
    """A handle with one “@” before it, however the network gave it."""
    return f"@{handle.lstrip('@')}" if handle else ""


@register.filter
def linked(text):
    """The text of a social post, with links, mentions and tags marked as a network would."""
    from django.utils.html import escape, urlize

    return mark_safe(urlize(escape(text), nofollow=True).replace("\n", "<br>"))  # escaped first


CAUSES = {
    "try_later": _("did not work in all tries"),
    "reconnect": _("channel to be connected again"),
    "rejected": _("refused by the network"),
    "unknown": _("outcome unknown"),
    "missed": _("missed its time"),
    "comment": _("first comment not sent"),
}


@register.filter
def failure_cause(kind):
    """Why deliveries failed, in words."""
    return CAUSES.get(kind, kind)
