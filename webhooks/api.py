"""Webhooks in the API: endpoints, what they were sent, and sending it again."""

from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from organizations.filters import GivenFilters
from organizations.resources import OwnViewSet
from organizations.rest import CursorPages, GivenSerializer
from organizations.roles import Action

from . import endpoints
from .events import CHOOSABLE, EventType
from .models import Attempt, Endpoint, Telling


@extend_schema_serializer(component_name="Webhook")
class EndpointSerializer(serializers.ModelSerializer):
    """An address that is told of what happens."""

    event_types = serializers.ListField(child=serializers.ChoiceField(choices=CHOOSABLE), read_only=True)
    enabled = serializers.SerializerMethodField()
    failing_since = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text=_("The first failure since it last answered well.")
    )

    class Meta:
        model = Endpoint
        fields = [
            "id",
            "url",
            "description",
            "event_types",
            "enabled",
            "disabled_reason",
            "failing_since",
            "created_at",
        ]
        read_only_fields = fields

    def get_enabled(self, endpoint) -> bool:
        return endpoint.disabled_at is None


@extend_schema_serializer(component_name="WebhookWithSecret")
class EndpointWithSecretSerializer(EndpointSerializer):
    secret = serializers.CharField(
        allow_null=True,
        read_only=True,
        help_text=_("What messages are signed with. Shown only now; null in an answer given again."),
    )

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]
        read_only_fields = fields


@extend_schema_serializer(component_name="WebhookWrite")
class EndpointWriteSerializer(GivenSerializer):
    url = serializers.URLField(max_length=2000, help_text=_("On the public internet, with https."))
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=CHOOSABLE), min_length=1, max_length=len(CHOOSABLE)
    )
    description = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


@extend_schema_serializer(component_name="WebhookChange")
class EndpointChangeSerializer(EndpointWriteSerializer):
    enabled = serializers.BooleanField(required=False, help_text=_("Switches it off, or on again."))


@extend_schema_serializer(component_name="WebhookAttempt")
class AttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = ["at", "milliseconds", "status", "explanation", "answer"]
        read_only_fields = fields


@extend_schema_serializer(component_name="WebhookMessage")
class MessageSerializer(serializers.ModelSerializer):
    """One event as it was, or is to be, sent to one endpoint."""

    webhook_id = serializers.SerializerMethodField(help_text=_("As in the header: the same in every attempt."))
    type = serializers.ChoiceField(source="event.type", choices=EventType.choices, read_only=True)
    occurred_at = serializers.DateTimeField(source="event.occurred_at", read_only=True)
    next_attempt_at = serializers.SerializerMethodField()

    class Meta:
        model = Telling
        fields = [
            "id",
            "webhook_id",
            "type",
            "occurred_at",
            "state",
            "attempt_count",
            "next_attempt_at",
            "finished_at",
        ]
        read_only_fields = fields

    def get_webhook_id(self, telling) -> str:
        return telling.event.message_id

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_attempt_at(self, telling):
        waits = telling.state == Telling.State.WAITING
        return serializers.DateTimeField().to_representation(telling.next_attempt_at) if waits else None


class MessageFilter(GivenFilters):
    state = filters.ChoiceFilter(choices=Telling.State.choices)


@extend_schema_serializer(component_name="WebhookMessageDetail")
class MessageDetailSerializer(MessageSerializer):
    payload = serializers.JSONField(source="event.payload", read_only=True)
    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(MessageSerializer.Meta):
        fields = [*MessageSerializer.Meta.fields, "payload", "attempts"]
        read_only_fields = fields


class ReplaySerializer(GivenSerializer):
    since = serializers.DateTimeField(help_text=_("What happened at this moment or later."))


class ReplayedSerializer(serializers.Serializer):
    replayed = serializers.IntegerField()


MESSAGE = OpenApiParameter("message_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
EXAMPLE = OpenApiExample(
    "Everything about publishing",
    value={"url": "https://example.com/hooks/studio", "event_types": ["post.published", "delivery.failed"]},
    request_only=True,
)


@extend_schema_view(
    list=extend_schema(summary="List webhooks"),
    retrieve=extend_schema(summary="Read a webhook", description="Without its secret."),
)
class EndpointViewSet(OwnViewSet):
    """Addresses that are told of what happens, by signed messages (Standard Webhooks)."""

    queryset = Endpoint.objects.none()
    serializer_class = EndpointSerializer
    required_action = Action.MANAGE_KEYS
    shown_once = ("secret",)

    def get_own(self):
        return Endpoint.objects.for_organization(self.organization).select_related("organization")

    @extend_schema(
        summary="Make a webhook",
        request=EndpointWriteSerializer,
        responses={201: EndpointWithSecretSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request, *args, **kwargs):
        said = self.said(EndpointWriteSerializer)
        endpoint = endpoints.create_endpoint(self.organization, user=request.user, **said)
        return self._with_secret(endpoint, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a webhook", request=EndpointChangeSerializer, responses=EndpointSerializer)
    def partial_update(self, request, *args, **kwargs):
        endpoint = self.get_object()
        said = self.said(EndpointChangeSerializer, partial=True)
        endpoint = endpoints.change_endpoint(endpoint, user=request.user, **said)
        return Response(self.get_serializer(endpoint).data)

    @extend_schema(
        summary="Delete a webhook", description="With its log. What waits is not sent.", responses={204: None}
    )
    def destroy(self, request, *args, **kwargs):
        endpoints.delete_endpoint(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Give a webhook a new secret",
        description="For a day messages are signed with the one before as well.",
        request=None,
        responses=EndpointWithSecretSerializer,
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request, *args, **kwargs):
        return self._with_secret(endpoints.rotate_secret(self.get_object(), user=request.user))

    @extend_schema(summary="Send a test", request=None, responses={202: MessageSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request, *args, **kwargs):
        telling = endpoints.send_test(self.get_object(), user=request.user)
        return Response(MessageSerializer(telling).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Send again what has not arrived", request=ReplaySerializer, responses={202: ReplayedSerializer}
    )
    @action(detail=True, methods=["post"])
    def replay(self, request, *args, **kwargs):
        endpoint = self.get_object()
        count = endpoints.replay_failed(endpoint, user=request.user, **self.said(ReplaySerializer))
        return Response({"replayed": count}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="webhooks_messages_list",
        summary="List what a webhook was sent",
        responses=MessageSerializer(many=True),
    )
    @action(
        detail=True,
        pagination_class=CursorPages,
        filter_backends=[filters.DjangoFilterBackend],
        filterset_class=MessageFilter,
    )
    def messages(self, request, *args, **kwargs):
        tellings = self.get_object().tellings.select_related("event")
        page = self.paginate_queryset(self.filter_queryset(tellings))
        return self.get_paginated_response(MessageSerializer(page, many=True).data)

    @extend_schema(
        operation_id="webhooks_messages_retrieve",
        summary="Read a message with its attempts",
        parameters=[MESSAGE],
        responses=MessageDetailSerializer,
    )
    @action(detail=True, url_path="messages/<uuid:message_id>")
    def message(self, request, message_id, *args, **kwargs):
        return Response(MessageDetailSerializer(self._message(message_id)).data)

    @extend_schema(
        operation_id="webhooks_messages_replay",
        summary="Send a message again",
        parameters=[MESSAGE],
        request=None,
        responses={202: MessageSerializer},
    )
    @action(detail=True, methods=["post"], url_path="messages/<uuid:message_id>/replay")
    def replay_message(self, request, message_id, *args, **kwargs):
        telling = endpoints.replay(self._message(message_id), user=request.user)
        return Response(MessageSerializer(telling).data, status=status.HTTP_202_ACCEPTED)

    def _message(self, message_id) -> Telling:
        tellings = self.get_object().tellings.select_related("event", "endpoint__organization")
        return get_object_or_404(tellings, pk=message_id)

    def _with_secret(self, endpoint, **kwargs) -> Response:
        return Response(EndpointWithSecretSerializer(endpoint).data, headers={"Cache-Control": "no-store"}, **kwargs)


router = SimpleRouter(use_regex_path=False)
router.register("webhooks", EndpointViewSet, basename="webhook")

urlpatterns = [path("", include(router.urls))]
