"""What the log calls the things that people do, and how it says what a form has changed."""

import copy
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.text import Truncator
from wagtail.log_actions import LogFormatter, log

from .roles import Action, require

Row = TypeVar("Row", bound=models.Model)


class FromData(LogFormatter):
    """Says what happened with what the entry's data name."""

    def format_message(self, log_entry):
        return self.message % log_entry.data


def register(actions, app: str, entries: Iterable[tuple[str, Any, Any]]) -> None:
    """Tells Wagtail's `actions` of (name, label, message) for `app`: `("invite", "Invite", "Invited %(email)s")`."""
    for name, label, message in entries:
        formatter = type("Formatter", (FromData,), {"label": label, "message": message})
        actions.register_action(f"{app}.{name}")(formatter)


def changes(before: models.Model, after: models.Model, fields: Iterable[str]) -> str:
    """What is different, for the log: “most hashtags in a post: – → 5”. Empty where nothing is."""
    said = []
    for name in fields:
        if getattr(before, name) != getattr(after, name):
            label = getattr(before._meta.get_field(name), "verbose_name", name)
            said.append(f"{label}: {_shown(before, name)} → {_shown(after, name)}")
    return "; ".join(said)


@transaction.atomic
def change_settings(model: type[Row], organization, *, user, action: str, said: dict[str, Any]) -> Row:
    """Sets checked values by field on the organization's one row of `model`, and notes what changed as `action`.

    Begins the row where there is none. Raises Forbidden if the person may not.
    """
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    row, _created = model._default_manager.select_for_update().get_or_create(organization=organization)
    before = copy.copy(row)
    for name, value in said.items():
        setattr(row, name, value)
    row.save(update_fields=list(said))
    if changed := changes(before, row, said):
        log(organization, action, user=user, data={"changes": changed})
    return row


def _shown(thing: models.Model, name: str) -> str:
    value = getattr(thing, f"get_{name}_display", lambda: getattr(thing, name))()
    if isinstance(value, bool):
        return "✓" if value else "–"
    return Truncator(" ".join(str(value).split())).chars(60) if value not in (None, "") else "–"
