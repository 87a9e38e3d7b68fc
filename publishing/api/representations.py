"""How a channel looks in the API. Its secrets are in none of these."""

from rest_framework import serializers

from publishing.models import Channel


class ChannelSerializer(serializers.ModelSerializer):
    base_url = serializers.CharField(read_only=True, help_text="The server, where the network has several; else empty.")
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="What the account granted.")
    limits = serializers.DictField(read_only=True, help_text="What the server says of its own limits.")
    quota = serializers.DictField(
        read_only=True, help_text="`remaining`, `limit` and `resets_at`, as the network last told; may be empty."
    )
    paused_until = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Nothing leaves before: the network asked for it, or was failing."
    )

    class Meta:
        model = Channel
        fields = [
            "id",
            "network",
            "sandbox",
            "name",
            "handle",
            "base_url",
            "state",
            "state_reason",
            "scopes",
            "limits",
            "quota",
            "token_expires_at",
            "paused_until",
            "last_success_at",
            "created_at",
        ]
        read_only_fields = fields


class DisconnectedChannelSerializer(ChannelSerializer):
    revoked = serializers.SerializerMethodField(
        help_text="Whether the network has taken its authorization back. If not, remove the studio in the account's "
        "settings there.",
    )

    class Meta(ChannelSerializer.Meta):
        fields = [*ChannelSerializer.Meta.fields, "revoked"]
        read_only_fields = fields

    def get_revoked(self, channel) -> bool:
        return self.context["revoked"]
