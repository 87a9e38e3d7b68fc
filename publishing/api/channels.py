"""Channels in the API: what the studio's page of a channel shows and does, by the same functions."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from organizations.filters import GivenFilters
from organizations.resources import NamedByAddress
from organizations.rest import CursorPages, GivenSerializer, OrganizationViewMixin
from organizations.roles import Action
from publishing import connecting, rehearsing, renaming, suspending
from publishing.messages import Message, Segment
from publishing.models import Channel, Network

from .connecting import ConnectActions
from .policy import ResumePublishingSerializer, SuspendPublishingSerializer
from .rehearsing import DryRunSerializer
from .representations import ChannelSerializer, DisconnectedChannelSerializer
from .sandbox import SandboxActions


class ChannelChangeSerializer(GivenSerializer):
    needed = ("name",)
    name = serializers.CharField(
        max_length=100, help_text="What the studio calls it. It stays so when the account is connected again."
    )


class TextToSendSerializer(GivenSerializer):
    text = serializers.CharField(max_length=3000)


class TestPostSerializer(serializers.Serializer):
    remote_id = serializers.CharField()
    permalink = serializers.CharField()


class ChannelFilter(GivenFilters):
    network = filters.ChoiceFilter(choices=Network.choices)
    state = filters.ChoiceFilter(choices=Channel.State.choices)
    sandbox = filters.BooleanFilter()


class ChannelPages(CursorPages):
    ordering = ("name", "id")


class ChannelViewSet(
    ConnectActions,
    SandboxActions,
    NamedByAddress,
    OrganizationViewMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """The accounts through which an organization publishes."""

    queryset = Channel.objects.none()
    serializer_class = ChannelSerializer
    pagination_class = ChannelPages
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = ChannelFilter
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    required_actions = {
        **dict.fromkeys(
            (
                "ways",
                "connect_bluesky",
                "connect_mastodon",
                "connect_sandbox",
                "connect_by_person",
                "partial_update",
                "suspend",
                "resume",
                "disconnect",
                "behave",
                "reconnect",
            ),
            Action.MANAGE_CHANNELS,
        ),
        "dry_run": Action.PUBLISH,
        "test": Action.PUBLISH,
    }

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return Channel.objects.for_organization(self.organization).select_related("organization")

    @extend_schema(summary="List channels", description="By name.")
    def list(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a channel")
    def retrieve(self, request, *args, **kwargs):
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Rename a channel",
        description="In the studio and in the API. The account's own name on the network stays as it is.",
        request=ChannelChangeSerializer,
        responses=ChannelSerializer,
        examples=[OpenApiExample("Another name", value={"name": "Acme in Spain"}, request_only=True)],
    )
    def partial_update(self, request, *args, **kwargs):
        channel = self.get_object()
        renaming.rename_channel(channel, user=request.user, **self.said(ChannelChangeSerializer))
        return self._answer(channel)

    @extend_schema(
        summary="Stop publishing through a channel",
        description="What is planned on it waits until it is resumed.",
        request=SuspendPublishingSerializer,
        responses=ChannelSerializer,
    )
    @action(detail=True, methods=["post"])
    def suspend(self, request, *args, **kwargs):
        channel = self.get_object()
        suspending.suspend_channel(channel, user=request.user, **self.said(SuspendPublishingSerializer))
        return self._answer(channel)

    @extend_schema(
        summary="Publish through a channel again", request=ResumePublishingSerializer, responses=ChannelSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request, *args, **kwargs):
        channel = self.get_object()
        suspending.resume_channel(channel, user=request.user, **self.said(ResumePublishingSerializer))
        return self._answer(channel)

    @extend_schema(
        summary="Disconnect a channel",
        description="Forgets its tokens and asks the network to forget them too; `revoked` says whether it did. What "
        "went out stays. Refused (409) while posts wait to go out through it. Connecting the same account again "
        "brings the channel back.",
        request=None,
        responses=DisconnectedChannelSerializer,
    )
    @action(detail=True, methods=["post"])
    def disconnect(self, request, *args, **kwargs):
        channel = self.get_object()
        revoked = connecting.disconnect_channel(channel, user=request.user)
        channel.refresh_from_db()
        return Response(DisconnectedChannelSerializer(channel, context={"revoked": revoked}).data)

    @extend_schema(
        summary="See what a text would send to the network, without sending it",
        request=TextToSendSerializer,
        responses=DryRunSerializer,
    )
    @action(detail=True, methods=["post"], url_path="dry-run")
    def dry_run(self, request, *args, **kwargs):
        channel = self.get_object()
        message = Message(segments=(Segment(text=self.said(TextToSendSerializer)["text"]),))
        return Response(DryRunSerializer(rehearsing.rehearse(channel, message)).data)

    @extend_schema(
        summary="Send a test post that only the account itself sees",
        description="Only where the network has such posts (Mastodon, the sandbox); 422 elsewhere.",
        request=TextToSendSerializer,
        responses=TestPostSerializer,
    )
    @action(detail=True, methods=["post"])
    def test(self, request, *args, **kwargs):
        channel = self.get_object()
        out = rehearsing.send_test(channel, text=self.said(TextToSendSerializer)["text"])
        return Response(TestPostSerializer(out).data)

    def _answer(self, channel: Channel, **kwargs) -> Response:
        return Response(ChannelSerializer(channel).data, **kwargs)
