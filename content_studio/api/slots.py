"""Slots of queues in the API: the same functions as on the studio's page."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from content_studio import queueing
from content_studio.queues import QueueSlot, Weekday
from content_studio.slots import next_free, queues_of
from organizations.problems import NotFound
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action
from publishing.models import Channel

from .representations import LOCAL_TIME_FORMAT


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class ClockField(serializers.TimeField):
    """Hours and minutes, as a clock without seconds shows them."""

    def __init__(self, **kwargs):
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


class SlotSerializer(serializers.Serializer):
    """A time of the week, on the clock of the queue's zone."""

    id = serializers.UUIDField(read_only=True)
    channel = serializers.UUIDField(source="queue.channel_id", read_only=True)
    weekday = serializers.ChoiceField(choices=Weekday.choices, help_text="0 is Monday, 6 is Sunday.")
    time = ClockField(help_text="Such as 09:30.")
    timezone = serializers.CharField(source="queue.timezone", read_only=True)
    paused = serializers.SerializerMethodField(help_text="The queue gives no slot away at present.")

    def get_paused(self, slot) -> bool:
        return slot.queue.paused_at is not None


class SlotWriteSerializer(GivenSerializer):
    channel = serializers.UUIDField()
    weekday = serializers.ChoiceField(choices=Weekday.choices)
    time = ClockField()


class SlotMoveSerializer(GivenSerializer):
    weekday = serializers.ChoiceField(choices=Weekday.choices, required=False)
    time = ClockField(required=False)


@extend_schema_field(OpenApiTypes.STR)
class LocalTimeField(serializers.DateTimeField):
    """What a clock shows: without an offset, so no moment."""

    def __init__(self, **kwargs):
        super().__init__(format=LOCAL_TIME_FORMAT, default_timezone=None, **kwargs)


class SlotOccurrenceSerializer(serializers.Serializer):
    channel = serializers.UUIDField(source="channel.pk")
    local_time = LocalTimeField(source="local", help_text="On the clock of `timezone`, such as 2027-03-28T09:00:00.")
    timezone = serializers.CharField(source="zone")
    at = serializers.DateTimeField(source="utc")
    note = serializers.CharField(help_text="Of a clock change, where one touches the slot.")


class PlacedPostSerializer(serializers.Serializer):
    """What became of one post."""

    post = serializers.UUIDField(source="post.uuid")
    slot = SlotOccurrenceSerializer(allow_null=True)
    problem = serializers.CharField(help_text="Why it got no slot; empty where it did.")


class FillQueueSerializer(GivenSerializer):
    channel = serializers.UUIDField(required=False)
    drafts = serializers.BooleanField(default=False, help_text="Plan drafts instead of scheduling approved posts.")


class QueueOfChannelSerializer(GivenSerializer):
    channel = serializers.UUIDField()


class QueueStateSerializer(serializers.Serializer):
    channel = serializers.UUIDField()
    timezone = serializers.CharField()
    paused = serializers.BooleanField()


class QueueChangesSerializer(QueueOfChannelSerializer):
    needed = ("channel",)
    timezone = serializers.CharField(required=False)
    paused = serializers.BooleanField(required=False)


CHANNEL = OpenApiParameter("channel", OpenApiTypes.UUID, description="Only this channel's slots.")


@extend_schema_view(retrieve=extend_schema(summary="Read a slot"))
class SlotViewSet(OrganizationViewMixin, viewsets.GenericViewSet):
    """The weekly slots at which posts may go out."""

    queryset = QueueSlot.objects.none()
    serializer_class = SlotSerializer
    lookup_value_converter = "uuid"
    query_parameters = ("channel",)
    required_actions = {
        "create": Action.PUBLISH,
        "partial_update": Action.PUBLISH,
        "destroy": Action.PUBLISH,
        "fill": Action.WRITE,
        "shuffle": Action.PUBLISH,
        "queue": Action.PUBLISH,
    }

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return QueueSlot.objects.filter(queue__organization=self.organization).select_related("queue__organization")

    @extend_schema(summary="List slots", parameters=[CHANNEL], responses=SlotSerializer(many=True))
    def list(self, request, *args, **kwargs):
        slots = self.get_queryset().order_by("queue_id", "weekday", "time")
        if "channel" in request.query_params:
            slots = slots.filter(queue__channel=self._channel(request.query_params["channel"]))
        return Response(SlotSerializer(slots, many=True).data)

    def retrieve(self, request, *args, **kwargs):
        return Response(SlotSerializer(self.get_object()).data)

    @extend_schema(summary="Add a slot", request=SlotWriteSerializer, responses={201: SlotSerializer})
    def create(self, request, *args, **kwargs):
        said = self._said(SlotWriteSerializer)
        (slot,) = queueing.add_slots(
            self._channel(said["channel"]), weekdays=[said["weekday"]], times=[said["time"]], user=request.user
        )
        return Response(SlotSerializer(slot).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Move a slot", request=SlotMoveSerializer, responses=SlotSerializer)
    def partial_update(self, request, *args, **kwargs):
        slot, said = self.get_object(), self._said(SlotMoveSerializer)
        wanted = {"weekday": slot.weekday, "time": slot.time, **said}
        return Response(SlotSerializer(queueing.move_slot(slot, user=request.user, **wanted)).data)

    @extend_schema(summary="Remove a slot", responses={204: None})
    def destroy(self, request, *args, **kwargs):
        queueing.remove_slot(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="The next free slot",
        description="Of one channel, or of a post that goes to all of several: repeat `channel`. Takes nothing; "
        "`POST /posts/{id}/queue/` does.",
        parameters=[OpenApiParameter("channel", OpenApiTypes.UUID, many=True, required=True)],
        responses=SlotOccurrenceSerializer,
    )
    @action(detail=False, url_path="next-free")
    def next_free(self, request, *args, **kwargs):
        channels = [self._channel(each) for each in request.query_params.getlist("channel")]
        if not channels:
            raise serializers.ValidationError({"channel": [_("Say for which channels.")]}, code="required")
        found = next_free(list(queues_of(self.organization, channels=channels)), channels=channels)
        if found is None:
            raise queueing.NoFreeSlot("No slot of these channels is free in the next eight weeks.")
        return Response(SlotOccurrenceSerializer(found).data)

    @extend_schema(
        summary="Fill the queue",
        description="Schedules approved posts that have no time yet, or plans drafts. Each is told for itself.",
        request=FillQueueSerializer,
        responses=PlacedPostSerializer(many=True),
    )
    @action(detail=False, methods=["post"])
    def fill(self, request, *args, **kwargs):
        said = self._said(FillQueueSerializer)
        channel = self._channel(said["channel"]) if "channel" in said else None
        placed = queueing.fill_queue(self.organization, channel=channel, drafts=said["drafts"], user=request.user)
        return Response(PlacedPostSerializer(placed, many=True).data)

    @extend_schema(
        summary="Shuffle a channel's queue", request=QueueOfChannelSerializer, responses=PlacedPostSerializer(many=True)
    )
    @action(detail=False, methods=["post"])
    def shuffle(self, request, *args, **kwargs):
        channel = self._channel(self._said(QueueOfChannelSerializer)["channel"])
        return Response(PlacedPostSerializer(queueing.shuffle_queue(channel, user=request.user), many=True).data)

    @extend_schema(
        summary="Pause, resume, or move a queue to another clock",
        request=QueueChangesSerializer,
        responses=QueueStateSerializer,
    )
    @action(detail=False, methods=["patch"])
    def queue(self, request, *args, **kwargs):
        said = self._said(QueueChangesSerializer)
        channel = self._channel(said["channel"])
        queue = queueing.queue_of(channel)
        if "timezone" in said:
            queue = queueing.set_zone(channel, timezone=said["timezone"], user=request.user)
        if "paused" in said:
            change = queueing.pause_queue if said["paused"] else queueing.resume_queue
            queue = change(channel, user=request.user)
        state = {"channel": channel.pk, "timezone": queue.timezone, "paused": queue.paused_at is not None}
        return Response(QueueStateSerializer(state).data)

    def _said(self, serializer_class) -> dict:
        serializer = serializer_class(data=self.request.data or {})
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _channel(self, pk) -> Channel:
        try:
            pk = serializers.UUIDField().run_validation(pk)
        except serializers.ValidationError as err:
            raise serializers.ValidationError({"channel": err.detail}) from err
        channel = Channel.objects.for_organization(self.organization).filter(pk=pk).first()
        if channel is None:
            raise NotFound(f"No channel of this organization has the id {pk}.")
        return channel
