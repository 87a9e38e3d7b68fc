"""What JSON calls a number is no string: values of another type than the description says are refused, not converted.

REST framework takes 5 for "5", "yes" for true and 1 for "1". A tool that sends such a thing has made a slip, and
would be told so only by what became of it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

CODE = "wrong_type"
A_STRING = _("Give a string.")
STRINGS = (
    serializers.CharField,
    serializers.UUIDField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.TimeField,
)


def require_types(fields: Mapping[str, serializers.Field], said: Mapping[str, Any]) -> None:
    """Raises ValidationError, by field, for what `said` has of another type than its field."""
    wrong = {
        name: found
        for name, value in said.items()
        if name in fields and not fields[name].read_only and (found := _wrong(fields[name], value))
    }
    if wrong:
        raise ValidationError(wrong)


def _wrong(field: serializers.Field, value) -> list | dict | None:
    """What is wrong with the type of `value`; of a list's items by their place. What is inside asks for itself."""
    if value is None:
        return None  # whether there may be nothing is the field's to say
    if isinstance(field, serializers.BooleanField):
        return None if isinstance(value, bool) else _told(_("Give true or false."))
    if isinstance(field, (serializers.IntegerField, serializers.FloatField)):
        return None if _is_number(value) else _told(_("Give a number."))
    if isinstance(field, (serializers.ListField, serializers.MultipleChoiceField)):
        return _wrong_in_list(field, value)
    if isinstance(field, serializers.ChoiceField):
        return _wrong_choice(field, value)
    if isinstance(field, STRINGS):
        return None if isinstance(value, str) else _told(A_STRING)
    return None


def _wrong_in_list(field, value) -> list | dict | None:
    if not isinstance(value, list):
        return _told(_("Give a list."))
    of_one = _wrong_choice if isinstance(field, serializers.MultipleChoiceField) else _wrong
    item = field if isinstance(field, serializers.MultipleChoiceField) else field.child
    found: dict[int, Any] = {place: of_one(item, each) for place, each in enumerate(value)}
    return {place: each for place, each in found.items() if each} or None


def _wrong_choice(field, value) -> list | None:
    if any(_is_number(each) for each in field.choices):
        return None if _is_number(value) else _told(_("Give a number."))
    return None if isinstance(value, str) else _told(A_STRING)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _told(sentence) -> list[ErrorDetail]:
    return [ErrorDetail(sentence, code=CODE)]
