"""What the filters of lists in the API share."""

from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field


class GivenForm(forms.Form):
    """Refuses what is given and says nothing, such as `sandbox=maybe` or `q=%20`: a slip must not show everything."""

    def clean(self):
        said: Any = super().clean()
        for name in self.fields:
            if name in self.data and name not in self.errors and not _says_something(said.get(name)):
                self.add_error(name, forms.ValidationError(_("Give a value, or leave it out."), code="empty"))
        return said


class GivenFilters(filters.FilterSet):
    """Which rows a list shows. Subclasses name their filters."""

    class Meta:
        form = GivenForm
        fields: list[str] = []


@extend_schema_field({"type": "string", "minLength": 1, "pattern": r"\S"})
class WordsFilter(filters.CharFilter):
    """Words to look for."""


class MomentField(filters.IsoDateTimeFilter.field_class):
    """A moment of any offset, in UTC: PostgreSQL knows fewer offsets than there can be written."""

    def clean(self, value):
        moment = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as err:
            raise forms.ValidationError(
                _("This moment is before or after all that there are."), code="invalid"
            ) from err


class MomentFilter(filters.IsoDateTimeFilter):
    """A moment, such as 2027-03-28T09:00:00+02:00."""

    field_class = MomentField


def _says_something(value) -> bool:
    return value is False or bool(value)
