"""Fields that several parts of the API have in common."""

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

PATTERN = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"


@extend_schema_field({"type": "string", "pattern": PATTERN})
class ClockTimeField(serializers.CharField):
    """What a clock on the wall shows, with its day: a datetime without a zone."""

    default_error_messages = {"invalid": _("Give date and time without an offset, such as 2027-03-28T09:00:00.")}

    def to_internal_value(self, data) -> Any:
        said = super().to_internal_value(data)
        if not re.fullmatch(PATTERN, said, re.ASCII):
            raise serializers.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return datetime.fromisoformat(said)
        except ValueError as err:  # such as the 30th of February
            raise serializers.ValidationError(self.error_messages["invalid"], code="invalid") from err

    def run_validators(self, value):
        """None: those of a string would look for its null characters."""
