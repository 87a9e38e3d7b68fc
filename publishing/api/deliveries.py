"""Deliveries in the API: what became of each channel's copy of a post, and what a person decides about it."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from organizations.filters import GivenFilters, MomentFilter
from organizations.resources import NamedByAddress
from organizations.rest import CursorPages, GivenSerializer, OrganizationViewMixin
from organizations.roles import Action
from publishing import deciding, rehearsing, resolving, scheduling
from publishing.localtime import to_local
from publishing.models import Attempt, Delivery, Network

from .missed import MissedDecidedSerializer, MissedDecisionWriteSerializer
from .rehearsing import DryRunSerializer

FAILURE_KINDS = ["try_later", "reconnect", "rejected", "unknown", "missed", "comment"]


class NetworkCallSerializer(serializers.Serializer):
    """One call of the network, without secrets."""

    method = serializers.CharField()
    url = serializers.CharField()
    sent = serializers.JSONField(required=False)
    status = serializers.IntegerField(required=False)
    received = serializers.JSONField(required=False)
    milliseconds = serializers.IntegerField(required=False)


class DeliveryAttemptSerializer(serializers.ModelSerializer):
    exchanges = NetworkCallSerializer(many=True, read_only=True)

    class Meta:
        model = Attempt
        fields = ["number", "started_at", "finished_at", "lateness", "outcome", "explanation", "exchanges"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer):
    permalink = serializers.CharField(read_only=True, help_text="Where it is on the network; empty where not known.")
    post = serializers.UUIDField(source="post_id", read_only=True)
    revision = serializers.UUIDField(source="revision_uuid", read_only=True)
    channel = serializers.UUIDField(source="channel_id", read_only=True)
    network = serializers.ChoiceField(source="channel.network", choices=Network.choices, read_only=True)
    local_time = serializers.SerializerMethodField(help_text="What clocks in `timezone` show when it is due.")
    failure_kind = serializers.ChoiceField(choices=FAILURE_KINDS, allow_blank=True, read_only=True)
    asks_person = serializers.BooleanField(
        read_only=True, help_text="Whether it was sent cannot be found out: use `resolve`."
    )

    class Meta:
        model = Delivery
        fields = [
            "id",
            "post",
            "revision",
            "channel",
            "network",
            "content_hash",
            "state",
            "due_at",
            "local_time",
            "timezone",
            "next_attempt_at",
            "attempt_count",
            "asks_person",
            "failure",
            "failure_kind",
            "remote_id",
            "permalink",
            "published_at",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_local_time(self, delivery) -> str:
        return to_local(delivery.due_at, delivery.timezone).isoformat(timespec="minutes")


class DeliveryDetailSerializer(DeliverySerializer):
    message = serializers.JSONField(read_only=True, help_text="Exactly what is sent: what was approved.")
    attempts = DeliveryAttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "message", "attempts"]
        read_only_fields = fields


class ResolveDeliverySerializer(GivenSerializer):
    sent = serializers.BooleanField(help_text="Whether the post is on the network. If not, it is sent again.")
    permalink = serializers.URLField(required=False, allow_blank=True, default="", max_length=500)


class NewestFirst(CursorPages):
    ordering = ("-due_at", "-id")


class LongestOverdueFirst(NewestFirst):
    ordering = ("due_at", "id")


class DeliveryFilter(GivenFilters):
    state = filters.MultipleChoiceFilter(choices=Delivery.State.choices)
    channel = filters.UUIDFilter(field_name="channel_id")
    post = filters.UUIDFilter(field_name="post_id")
    due_after = MomentFilter(field_name="due_at", lookup_expr="gte")
    due_before = MomentFilter(field_name="due_at", lookup_expr="lt")


class DeliveryViewSet(
    NamedByAddress,
    OrganizationViewMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """Approved posts on their way, one for each channel, with every attempt."""

    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    pagination_class = NewestFirst
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = DeliveryFilter
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    required_actions = {
        "retry": Action.PUBLISH,
        "cancel": Action.PUBLISH,
        "resolve": Action.PUBLISH,
        "reconcile": Action.PUBLISH,
        "decide": Action.PUBLISH,
    }

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        deliveries = Delivery.objects.for_organization(self.organization).select_related("channel")
        if self.action == "missed":
            return deciding.undecided(self.organization).select_related("channel")
        return deliveries if self.action == "list" else deliveries.prefetch_related("attempts")

    def get_serializer_class(self):
        return DeliverySerializer if self.action in ("list", "missed") else DeliveryDetailSerializer

    @extend_schema(summary="List deliveries", description="Latest due first.")
    def list(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a delivery with its attempts")
    def retrieve(self, request, *args, **kwargs):
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="List what missed its time",
        description="Held back until somebody decides, by `POST` to the same address. The longest overdue first.",
        responses=DeliverySerializer(many=True),
    )
    @action(detail=False, pagination_class=LongestOverdueFirst)
    def missed(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="deliveries_missed_decide",
        summary="Decide on what missed its time",
        description="Sends one after another, moves to a new time, or drops, one delivery or many.",
        request=MissedDecisionWriteSerializer,
        responses=MissedDecidedSerializer,
        filters=False,
    )
    @missed.mapping.post
    def decide(self, request, *args, **kwargs):
        said = self.said(MissedDecisionWriteSerializer)
        outcome = deciding.decide(
            self.organization,
            said["decision"],
            user=request.user,
            ids=None if said["all"] else said["deliveries"],
            local_time=said.get("local_time"),
            timezone=said["timezone"],
        )
        return Response(MissedDecidedSerializer(outcome).data)

    @extend_schema(summary="See what would be sent to the network, without sending it", responses=DryRunSerializer)
    @action(detail=True, url_path="dry-run")
    def dry_run(self, request, *args, **kwargs):
        delivery = self.get_object()
        rehearsal = rehearsing.rehearse(delivery.channel, delivery.as_message, idempotency_key=str(delivery.pk))
        return Response(DryRunSerializer(rehearsal).data)

    @extend_schema(
        summary="Try again now",
        description="What failed or was held back; or the first comment of a post that is out without it.",
        request=None,
        responses=DeliveryDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def retry(self, request, *args, **kwargs):
        delivery = self.get_object()
        scheduling.retry_delivery(delivery, user=request.user)
        return self._answer()

    @extend_schema(summary="Call off", request=None, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, *args, **kwargs):
        delivery = self.get_object()
        scheduling.cancel_delivery(delivery, user=request.user)
        return self._answer()

    @extend_schema(
        summary="Look on the network whether it was sent",
        description="Now, instead of when the engine would look next, or where it has given up looking. Only for a "
        "delivery whose outcome is unknown. What is not found is sent again.",
        request=None,
        responses=DeliveryDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def reconcile(self, request, *args, **kwargs):
        resolving.look_again(self.get_object(), user=request.user)
        return self._answer()

    @extend_schema(
        summary="Say whether it was sent",
        description="Only for a delivery whose outcome is unknown.",
        request=ResolveDeliverySerializer,
        responses=DeliveryDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def resolve(self, request, *args, **kwargs):
        delivery = self.get_object()
        said = self.said(ResolveDeliverySerializer)
        if said["sent"]:
            resolving.say_it_was_sent(delivery, user=request.user, permalink=said["permalink"])
        else:
            resolving.say_it_was_not_sent(delivery, user=request.user)
        return self._answer()

    def _answer(self):
        return Response(DeliveryDetailSerializer(self.get_object()).data)
