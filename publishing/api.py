"""Channels and deliveries in the API, and the kill switch: the same functions as the studio's buttons."""

import django_filters
from django.urls import include, path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from organizations.models import validate_timezone
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action

from . import deciding, policies, rehearsing, resolving, scheduling, suspending
from .localtime import to_local
from .messages import Message, Segment
from .models import Attempt, Channel, Delivery, Network, PublishingPolicy

# What things look like

FAILURE_KINDS = ["try_later", "reconnect", "rejected", "unknown", "missed", "comment"]


class ChannelSerializer(serializers.ModelSerializer):
    base_url = serializers.CharField(read_only=True, help_text="The server, where the network has several; else empty.")
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


class TextToSendSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=3000)


class TestPostSerializer(serializers.Serializer):
    remote_id = serializers.CharField()
    permalink = serializers.CharField()


class ResumePublishingSerializer(GivenSerializer):
    missed = serializers.ChoiceField(
        choices=suspending.Missed.choices,
        default=suspending.Missed.HOLD,
        help_text="What becomes of posts whose time went by meanwhile.",
    )


class ResolveDeliverySerializer(GivenSerializer):
    sent = serializers.BooleanField(help_text="Whether the post is on the network. If not, it is sent again.")
    permalink = serializers.URLField(required=False, allow_blank=True, default="", max_length=500)


class SuspendPublishingSerializer(GivenSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class MissedDecisionWriteSerializer(GivenSerializer):
    decision = serializers.ChoiceField(choices=deciding.Decision.choices)
    deliveries = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=500, help_text="Which. Either these, or `all`."
    )
    all = serializers.BooleanField(default=False, help_text="All that wait for a decision at this moment.")
    local_time = serializers.CharField(
        required=False, help_text="For `move`: without an offset, such as 2027-03-28T09:00:00."
    )
    timezone = serializers.CharField(
        required=False, default="", help_text="An IANA name; the organization's zone where it is left out."
    )

    def validate_local_time(self, value):
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None:
            raise serializers.ValidationError(_("Give date and time without an offset, such as 2027-03-28T09:00:00."))
        return moment

    def validate_timezone(self, value):
        if value:
            validate_timezone(value)
        return value

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


class PublishingPolicySerializer(serializers.ModelSerializer):
    suspended = serializers.SerializerMethodField()

    class Meta:
        model = PublishingPolicy
        fields = ["missed", "late_hours", "spacing_minutes", "suspended", "suspended_at", "suspended_reason"]
        read_only_fields = ["suspended_at", "suspended_reason"]

    def get_suspended(self, policy) -> bool:
        return policy.suspended_at is not None


# What may be done


class NewestFirst(CursorPagination):
    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = ("-due_at", "-id")


class LongestOverdueFirst(NewestFirst):
    ordering = ("due_at", "id")


class ChannelPages(NewestFirst):
    ordering = ("name", "id")


class ChannelViewSet(OrganizationViewMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """The accounts through which an organization publishes."""

    queryset = Channel.objects.none()
    serializer_class = ChannelSerializer
    pagination_class = ChannelPages
    filter_backends = [DjangoFilterBackend]
    filterset_fields = {"network": ["exact"], "state": ["exact"], "sandbox": ["exact"]}
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    required_actions = {
        "suspend": Action.MANAGE_CHANNELS,
        "resume": Action.MANAGE_CHANNELS,
        "dry_run": Action.PUBLISH,
        "test": Action.PUBLISH,
    }

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return Channel.objects.for_organization(self.organization)

    @extend_schema(summary="List channels")
    def list(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a channel")
    def retrieve(self, request, *args, **kwargs):
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Stop publishing through a channel", request=SuspendPublishingSerializer, responses=ChannelSerializer
    )
    @action(detail=True, methods=["post"])
    def suspend(self, request, *args, **kwargs):
        channel = self.get_object()
        suspending.suspend_channel(channel, user=request.user, **_said(SuspendPublishingSerializer, request))
        return Response(self.get_serializer(channel).data)

    @extend_schema(
        summary="Publish through a channel again", request=ResumePublishingSerializer, responses=ChannelSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request, *args, **kwargs):
        channel = self.get_object()
        suspending.resume_channel(channel, user=request.user, **_said(ResumePublishingSerializer, request))
        return Response(self.get_serializer(channel).data)

    @extend_schema(
        summary="See what a text would send to the network, without sending it",
        request=TextToSendSerializer,
        responses=DryRunSerializer,
    )
    @action(detail=True, methods=["post"], url_path="dry-run")
    def dry_run(self, request, *args, **kwargs):
        channel = self.get_object()
        message = Message(segments=(Segment(text=_said(TextToSendSerializer, request)["text"]),))
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
        out = rehearsing.send_test(channel, text=_said(TextToSendSerializer, request)["text"])
        return Response(TestPostSerializer(out).data)


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Delivery.State.choices)
    channel = django_filters.UUIDFilter(field_name="channel_id")
    post = django_filters.UUIDFilter(field_name="post_id")
    due_after = django_filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="gte")
    due_before = django_filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")

    class Meta:
        model = Delivery
        fields: list[str] = []


class DeliveryViewSet(OrganizationViewMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Approved posts on their way, one for each channel, with every attempt."""

    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    pagination_class = NewestFirst
    filter_backends = [DjangoFilterBackend]
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
        said = _said(MissedDecisionWriteSerializer, request)
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
        said = _said(ResolveDeliverySerializer, request)
        if said["sent"]:
            resolving.say_it_was_sent(delivery, user=request.user, permalink=said["permalink"])
        else:
            resolving.say_it_was_not_sent(delivery, user=request.user)
        return self._answer()

    def _answer(self):
        return Response(DeliveryDetailSerializer(self.get_object()).data)


class PolicyView(OrganizationViewMixin, APIView):
    """What an organization wants done with posts that missed their time, and its kill switch."""

    required_actions = {"patch": Action.MANAGE_SETTINGS}

    @extend_schema(summary="Read the publishing policy", responses=PublishingPolicySerializer)
    def get(self, request):
        return Response(PublishingPolicySerializer(PublishingPolicy.of(self.organization)).data)

    @extend_schema(
        summary="Change the publishing policy", request=PublishingPolicySerializer, responses=PublishingPolicySerializer
    )
    def patch(self, request):
        serializer = PublishingPolicySerializer(PublishingPolicy.of(self.organization), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        policy = policies.change_policy(self.organization, user=request.user, **serializer.validated_data)
        return Response(PublishingPolicySerializer(policy).data)


class SuspendPublishingView(OrganizationViewMixin, APIView):
    required_action = Action.PUBLISH

    @extend_schema(
        operation_id="publishing_suspend",
        summary="Stop everything that the organization publishes",
        request=SuspendPublishingSerializer,
        responses=PublishingPolicySerializer,
    )
    def post(self, request):
        policy = suspending.suspend_publishing(
            self.organization, user=request.user, **_said(SuspendPublishingSerializer, request)
        )
        return Response(PublishingPolicySerializer(policy).data)


class ResumePublishingView(OrganizationViewMixin, APIView):
    required_action = Action.PUBLISH

    @extend_schema(
        operation_id="publishing_resume",
        summary="Publish again",
        request=ResumePublishingSerializer,
        responses=PublishingPolicySerializer,
    )
    def post(self, request):
        suspending.resume_publishing(self.organization, user=request.user, **_said(ResumePublishingSerializer, request))
        return Response(PublishingPolicySerializer(PublishingPolicy.of(self.organization)).data)


def _said(serializer_class, request) -> dict:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


router = SimpleRouter(use_regex_path=False)
router.register("channels", ChannelViewSet, basename="channel")
router.register("deliveries", DeliveryViewSet, basename="delivery")

urlpatterns = [
    path("publishing/policy/", PolicyView.as_view(), name="publishing_policy"),
    path("publishing/suspend/", SuspendPublishingView.as_view(), name="publishing_suspend"),
    path("publishing/resume/", ResumePublishingView.as_view(), name="publishing_resume"),
    path("", include(router.urls)),
]
