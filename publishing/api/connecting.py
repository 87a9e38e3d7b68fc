"""Connecting a channel by the API: with what an account's settings give out, or by a person who says yes."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from organizations.models import Organization
from organizations.problems import Conflict
from organizations.rest import GivenSerializer
from publishing import connecting
from publishing.connections import BY_KEY, CONNECTIONS, connection_for
from publishing.models import Channel, Network

from .representations import ChannelSerializer

WAYS = [connection.key for connection in CONNECTIONS]
BY_PERSON = [connection.key for connection in CONNECTIONS if connection.by_oauth]
ONCE_MORE = "Connecting the same account again renews its authorization: it stays the channel that it is."


@extend_schema_field({"type": "string", "format": "password"})
class SecretField(serializers.CharField):
    """Read, kept encrypted, and never sent back."""

    def __init__(self, **kwargs):
        super().__init__(write_only=True, **kwargs)


class WaySerializer(serializers.Serializer):
    """One way to connect a channel."""

    key = serializers.ChoiceField(choices=WAYS)
    name = serializers.CharField()
    network = serializers.SerializerMethodField(help_text="Null for the sandbox, which follows any network's rules.")
    summary = serializers.CharField(help_text="What it takes, in a sentence for a person.")
    by_person = serializers.BooleanField(
        source="by_oauth", help_text="Whether a person has to say yes in a browser: see `channels_connect_by_person`."
    )
    available = serializers.SerializerMethodField(help_text="Whether this installation has the keys that it takes.")

    @extend_schema_field(serializers.ChoiceField(choices=Network.choices, allow_null=True))
    def get_network(self, connection) -> str | None:
        return connection.network or None

    def get_available(self, connection) -> bool:
        return not connection.missing


class ConnectSandboxSerializer(GivenSerializer):
    network = serializers.ChoiceField(choices=Network.choices, help_text="The network whose rules it follows.")
    name = serializers.CharField(max_length=100)
    handle = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ConnectBlueskySerializer(GivenSerializer):
    handle = serializers.CharField(max_length=253, help_text="Such as acme.bsky.social.")
    app_password = SecretField(max_length=200, help_text="Made in the account's settings; not its own password.")
    server = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="Only where the account is not on Bluesky's own.",
    )


class ConnectMastodonSerializer(GivenSerializer):
    server = serializers.CharField(max_length=200, help_text="Such as mastodon.social.")
    access_token = SecretField(
        max_length=500,
        help_text=f"From Preferences, Development there, with the scopes {' '.join(connecting.MASTODON_SCOPES)}.",
    )


class ConnectByPersonSerializer(GivenSerializer):
    way = serializers.ChoiceField(choices=BY_PERSON, required=False, help_text="Needed without `channel`.")
    channel = serializers.UUIDField(required=False, help_text="The channel to connect again. The way follows from it.")

    def validate_channel(self, pk):
        own = Channel.objects.for_organization(self.context["organization"])
        if (channel := own.filter(pk=pk).first()) is None:
            raise serializers.ValidationError(
                _("This organization has no channel with the id %(id)s.") % {"id": pk}, code="does_not_exist"
            )
        return channel

    def validate(self, attrs):
        if channel := attrs.get("channel"):
            connection = connection_for(channel)
            if connection is None or not connection.by_oauth:
                told = _("This channel is connected with what you send, not by a person in a browser.")
                raise serializers.ValidationError({"channel": [told]}, code="not_by_person")
            if attrs.setdefault("way", connection.key) != connection.key:
                told = _("This channel is connected by %(way)s.") % {"way": connection.key}
                raise serializers.ValidationError({"way": [told]}, code="another_way")
        if "way" not in attrs:
            raise serializers.ValidationError(
                {"way": [_("Say which account, or which channel again.")]}, code="required"
            )
        return attrs


class AddressForPersonSerializer(serializers.Serializer):
    way = serializers.ChoiceField(choices=BY_PERSON)
    url = serializers.URLField(
        help_text="Open it in a browser. It asks for a log-in to the studio, if need be, and leads on to the network."
    )


class ConnectActions:
    """For the view of channels: how an account becomes one."""

    organization: Organization
    request: Any
    said: Any

    @extend_schema(
        operation_id="channels_connect_ways",
        summary="List the ways to connect a channel",
        responses=WaySerializer(many=True),
        filters=False,
    )
    @action(detail=False, url_path="connect", pagination_class=None, filterset_class=None)
    def ways(self, request, *args, **kwargs):
        return Response(WaySerializer(CONNECTIONS, many=True).data)

    @extend_schema(
        operation_id="channels_connect_sandbox",
        summary="Add a sandbox channel",
        description="A pretend network inside the studio, with a timeline of its own: for trying things out.",
        request=ConnectSandboxSerializer,
        responses={201: ChannelSerializer},
        examples=[OpenApiExample("Training", value={"network": "mastodon", "name": "Training"}, request_only=True)],
    )
    @action(detail=False, methods=["post"], url_path="connect/sandbox")
    def connect_sandbox(self, request, *args, **kwargs):
        return self._connected(connecting.add_sandbox_channel, ConnectSandboxSerializer)

    @extend_schema(
        operation_id="channels_connect_bluesky",
        summary="Connect a Bluesky account",
        description=f"By an app password. {ONCE_MORE}",
        request=ConnectBlueskySerializer,
        responses={201: ChannelSerializer},
        examples=[
            OpenApiExample(
                "By an app password",
                value={"handle": "acme.bsky.social", "app_password": "abcd-efgh-ijkl-mnop"},
                request_only=True,
            )
        ],
    )
    @action(detail=False, methods=["post"], url_path="connect/bluesky")
    def connect_bluesky(self, request, *args, **kwargs):
        return self._connected(connecting.connect_bluesky, ConnectBlueskySerializer)

    @extend_schema(
        operation_id="channels_connect_mastodon",
        summary="Connect a Mastodon account",
        description=f"On any server, by an access token. {ONCE_MORE}",
        request=ConnectMastodonSerializer,
        responses={201: ChannelSerializer},
        examples=[
            OpenApiExample(
                "By an access token",
                value={"server": "mastodon.social", "access_token": "the-token-that-its-settings-show"},
                request_only=True,
            )
        ],
    )
    @action(detail=False, methods=["post"], url_path="connect/mastodon")
    def connect_mastodon(self, request, *args, **kwargs):
        return self._connected(connecting.connect_mastodon, ConnectMastodonSerializer)

    @extend_schema(
        operation_id="channels_connect_by_person",
        summary="Have a person connect an account",
        description="For X, LinkedIn and Instagram, where only a person can say yes. The address may be opened by "
        "whoever may connect channels in the organization. They come back to the studio, which lets them choose where "
        "there are several accounts; the webhook event `channel.connected` says which became channels.",
        request=ConnectByPersonSerializer,
        responses=AddressForPersonSerializer,
        examples=[OpenApiExample("X", value={"way": "x"}, request_only=True)],
    )
    @action(detail=False, methods=["post"], url_path="connect/by-person")
    def connect_by_person(self, request, *args, **kwargs):
        said = self.said(ConnectByPersonSerializer)
        connection = BY_KEY[said["way"]]
        if connection.missing:
            raise Conflict(
                _("%(name)s is not set up on this installation. Whoever runs it sets %(settings)s.")
                % {"name": connection.name, "settings": ", ".join(connection.missing)}
            )
        url = connection.url_for(self.organization, channel=said.get("channel"))
        return Response(AddressForPersonSerializer({"way": connection.key, "url": url}).data)

    def _connected(self, connect, serializer_class) -> Response:
        channel = connect(self.organization, user=self.request.user, **self.said(serializer_class))
        return Response(ChannelSerializer(channel).data, status=status.HTTP_201_CREATED)
