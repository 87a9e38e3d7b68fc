"""Brings pages that nobody has touched up to the words that this version of the product begins with."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats
from wagtail.models import PageLogEntry

from home.models import SitePage

RENEW = "home.renew"  # in a page's history


def says(page: SitePage, words: Mapping[str, Any]) -> bool:
    """True if the page's fields are `words` already, whatever ids its blocks were given."""
    return all(_plain(page, name) == _plain(page, name, value) for name, value in words.items())


def why_left(page: SitePage) -> str:
    """Whose page it is by now, in words; empty where it is as the product made or last renewed it."""
    latest = page.latest_revision
    if latest is not None and latest.pk != _last_renewed(page):
        day = formats.date_format(latest.created_at, "j F Y")
        return f"edited by {latest.user or 'somebody'} on {day}"
    if not page.live:
        return "taken off the site"
    if page.locked:
        return f"locked by {page.locked_by or 'somebody'}"
    return ""


def renew(page: SitePage, words: Mapping[str, Any]) -> None:
    """Publishes `words` as the page's next revision. What it said before stays in its history."""
    if page.latest_revision is None:
        page.save_revision(changed=False)
    for name, value in words.items():
        setattr(page, name, value)
    page.save_revision(log_action=RENEW).publish(log_action=False)


def _last_renewed(page: SitePage) -> int | None:
    return PageLogEntry.objects.filter(page=page.pk, action=RENEW).values_list("revision", flat=True).first()


def _plain(page: SitePage, name: str, value: Any = None) -> Any:
    """What the field says, in a form in which two values can be compared; `value` in the place of the page's own."""
    field = page._meta.get_field(name)
    value = getattr(page, name) if value is None else value
    if name == "body":
        stream = field.stream_block.to_python(list(value.raw_data))
        return [(child.block_type, _without_ids(child.block.get_prep_value(child.value))) for child in stream]
    if field.many_to_many:
        return {each.pk for each in (value if isinstance(value, list) else value.all())}
    return value


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if isinstance(value, dict):
        is_child = value.keys() == {"type", "value", "id"}
        return {key: _without_ids(each) for key, each in value.items() if not (is_child and key == "id")}
    return value
