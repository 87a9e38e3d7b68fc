"""What would be sent to a network, in the API, without sending it."""

from rest_framework import serializers

from publishing.models import Network


class RehearsedCallSerializer(serializers.Serializer):
    """One request as it would be sent, without secrets."""

    method = serializers.CharField()
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())
    sent = serializers.JSONField(allow_null=True)
    times = serializers.IntegerField(help_text="More than 1 for the pieces of a large file.")


class DryRunSerializer(serializers.Serializer):
    """What would be sent to one channel's network, in order. Nothing is."""

    channel = serializers.UUIDField(source="channel.pk")
    network = serializers.ChoiceField(source="channel.network", choices=Network.choices)
    requests = RehearsedCallSerializer(many=True)
    problem = serializers.CharField(help_text="Why the network would refuse it; empty if nothing speaks against it.")
