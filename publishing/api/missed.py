"""What the API is told, and tells, of posts that missed their time."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from organizations.fields import ClockTimeField
from organizations.rest import GivenSerializer, known_timezone
from publishing import deciding


class MissedDecisionWriteSerializer(GivenSerializer):
    decision = serializers.ChoiceField(choices=deciding.Decision.choices)
    deliveries = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=500, help_text="Which. Either these, or `all`."
    )
    all = serializers.BooleanField(default=False, help_text="All that wait for a decision at this moment.")
    local_time = ClockTimeField(required=False, help_text="For `move`: without an offset, such as 2027-03-28T09:00:00.")
    timezone = serializers.CharField(
        required=False,
        default="",
        validators=[known_timezone],
        help_text="An IANA name; the organization's zone where it is left out.",
    )

    def validate(self, attrs):
        if bool(attrs.get("deliveries")) == attrs["all"]:
            raise serializers.ValidationError({"deliveries": [_("Name at least one delivery, or say `all`: true.")]})
        if attrs["decision"] == deciding.Decision.MOVE and "local_time" not in attrs:
            raise serializers.ValidationError({"local_time": [_("Say to which time they are to be moved.")]})
        return attrs


class MissedDecidedSerializer(serializers.Serializer):
    """What a decision changed. Two of one channel leave with the policy's spacing between them."""

    decided = serializers.ListField(child=serializers.UUIDField())
    left = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="As they were: decided about by somebody else meanwhile, or out already.",
    )
    last_at = serializers.DateTimeField(allow_null=True, help_text="When the last of them leaves.")
