"""The pretend network in the API: what went out through a sandbox channel, and how it is to behave."""

from typing import Any

from django.core.files.storage import default_storage
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from organizations.rest import CursorPages, GivenSerializer
from publishing import connecting, pretending
from publishing.adapters.sandbox import Behaviour
from publishing.models import SandboxPost

from .representations import ChannelSerializer


class BehaviourSerializer(serializers.Serializer):
    """How the pretend network treats a channel's next posts."""

    behaviour = serializers.ChoiceField(choices=Behaviour.choices)
    times = serializers.IntegerField(allow_null=True, help_text="For so many posts; null until it is changed.")


class BehaviourWriteSerializer(GivenSerializer):
    behaviour = serializers.ChoiceField(choices=Behaviour.choices)
    times = serializers.IntegerField(
        min_value=1,
        max_value=1000,
        required=False,
        allow_null=True,
        default=None,
        help_text="For so many posts, then back to normal; left out, until it is changed.",
    )


class SandboxMediaSerializer(serializers.Serializer):
    kind = serializers.CharField()
    alt = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Signed: it serves for some time, and without a log-in.")

    def get_url(self, media) -> str:
        return self.context["request"].build_absolute_uri(default_storage.url(media["path"]))


class SandboxLinkSerializer(serializers.Serializer):
    url = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()


class SandboxPollSerializer(serializers.Serializer):
    options = serializers.ListField(child=serializers.CharField())
    minutes = serializers.IntegerField()


class SandboxPostSerializer(serializers.ModelSerializer):
    """A post on the pretend network, as the channel's followers would see it."""

    in_reply_to = serializers.UUIDField(source="in_reply_to_id", allow_null=True, read_only=True)
    media = SandboxMediaSerializer(many=True, read_only=True)
    link = serializers.SerializerMethodField()
    poll = serializers.SerializerMethodField()

    class Meta:
        model = SandboxPost
        fields = ["id", "text", "media", "link", "poll", "in_reply_to", "is_comment", "created_at"]
        read_only_fields = fields

    @extend_schema_field(SandboxLinkSerializer(allow_null=True))
    def get_link(self, post):
        return SandboxLinkSerializer(post.link).data if post.link else None

    @extend_schema_field(SandboxPollSerializer(allow_null=True))
    def get_poll(self, post):
        return SandboxPollSerializer(post.poll).data if post.poll else None


class TimelinePages(CursorPages):
    ordering = ("-created_at", "-id")


class SandboxActions:
    """For the view of channels: what only a sandbox channel has."""

    get_object: Any
    paginate_queryset: Any
    get_paginated_response: Any
    said: Any
    request: Any

    @extend_schema(
        operation_id="channels_timeline",
        summary="List what went out through a sandbox channel",
        description="As the followers of the pretend account would see it, newest first: for trying a tool out, and "
        "for tests. Empty for a channel on a real network.",
        responses=SandboxPostSerializer(many=True),
        filters=False,
    )
    @action(detail=True, pagination_class=TimelinePages, filterset_class=None)
    def timeline(self, request, *args, **kwargs):
        page = self.paginate_queryset(SandboxPost.objects.filter(channel=self.get_object()))
        return self.get_paginated_response(SandboxPostSerializer(page, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="channels_reconnect",
        summary="Connect a sandbox channel again",
        description="Where the sandbox wanted it, or after it was disconnected. 409 for a channel on a real network, "
        "which is connected again as it was connected.",
        request=None,
        responses=ChannelSerializer,
    )
    @action(detail=True, methods=["post"])
    def reconnect(self, request, *args, **kwargs):
        channel = connecting.reconnect_sandbox_channel(self.get_object(), user=request.user)
        return Response(ChannelSerializer(channel).data)

    @extend_schema(
        operation_id="channels_behaviour_retrieve",
        summary="Read how the sandbox treats a channel",
        responses=BehaviourSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def behaviour(self, request, *args, **kwargs):
        return Response(BehaviourSerializer(pretending.behaviour_of(self.get_object())).data)

    @extend_schema(
        operation_id="channels_behaviour_update",
        summary="Tell the sandbox how to treat a channel",
        description="So that a tool can see how it copes: the pretend network can be slow or down, ask for a pause, "
        "refuse, take a post and never confirm it, or want the channel to be connected again. 409 for a channel on a "
        "real network.",
        request=BehaviourWriteSerializer,
        responses=BehaviourSerializer,
        examples=[
            OpenApiExample("Refuse the next post", value={"behaviour": "refuses", "times": 1}, request_only=True)
        ],
    )
    @behaviour.mapping.post
    def behave(self, request, *args, **kwargs):
        channel = self.get_object()
        pretending.behave(channel, **self.said(BehaviourWriteSerializer))
        return Response(BehaviourSerializer(pretending.behaviour_of(channel)).data)
