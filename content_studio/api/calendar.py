"""The calendar in the API: what is planned between two days, on one clock."""

import datetime

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from content_studio.calendar import LONGEST, planned_between
from content_studio.labels import Campaign, Label
from content_studio.models import SocialPost
from organizations.rest import GivenSerializer, OrganizationViewMixin, known_timezone
from publishing.models import Channel, Network

from .representations import LOCAL_TIME_FORMAT, ChannelReferenceSerializer, NamedSerializer, PersonSerializer


class CalendarQuerySerializer(GivenSerializer):
    organization_id = serializers.UUIDField(required=False)
    start = serializers.DateField(help_text="The first day.")
    end = serializers.DateField(help_text=f"The last day; at most {LONGEST.days} days are read at a time.")
    timezone = serializers.CharField(
        required=False,
        max_length=64,
        validators=[known_timezone],
        help_text="Whose days these are, and on whose clock everything is shown. The organization's by default.",
    )
    state = serializers.MultipleChoiceField(choices=SocialPost.State.choices, required=False)
    network = serializers.MultipleChoiceField(choices=Network.choices, required=False)
    channel = serializers.ListField(child=serializers.UUIDField(), required=False)
    campaign = serializers.ListField(child=serializers.UUIDField(), required=False)
    label = serializers.ListField(child=serializers.UUIDField(), required=False)  # type: ignore[assignment]
    author = serializers.ListField(child=serializers.UUIDField(), required=False)

    def validate(self, attrs):
        if attrs["end"] < attrs["start"]:
            raise serializers.ValidationError({"end": ["It is before `start`."]})
        return attrs


class CalendarEntrySerializer(serializers.Serializer):
    post = serializers.UUIDField(source="uuid")
    title = serializers.CharField(source="draft_title")
    state = serializers.ChoiceField(choices=SocialPost.State.choices)
    draft_state = serializers.ChoiceField(choices=SocialPost.State.choices)
    local_time = serializers.CharField(help_text="On the clock of `timezone`, such as 2027-03-28T09:00:00.")
    channels = ChannelReferenceSerializer(many=True)
    campaign = NamedSerializer(allow_null=True)
    author = PersonSerializer(allow_null=True)


class CalendarSerializer(serializers.Serializer):
    timezone = serializers.CharField()
    results = CalendarEntrySerializer(many=True)


class CalendarView(OrganizationViewMixin, APIView):
    query_parameters = tuple(CalendarQuerySerializer().fields)

    @extend_schema(
        operation_id="calendar",
        tags=["calendar"],
        summary="Read the calendar",
        description="Posts with a planned time, in its order: what is scheduled, and what is only wished.",
        parameters=[CalendarQuerySerializer],
        responses=CalendarSerializer,
    )
    def get(self, request):
        query = CalendarQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        zone = asked.get("timezone") or self.organization.timezone
        chosen = {
            "channels": _found(Channel.objects.for_organization(self.organization), "pk", asked.get("channel")),
            "campaigns": _found(Campaign.objects.for_organization(self.organization), "uuid", asked.get("campaign")),
            "labels": _found(Label.objects.for_organization(self.organization), "uuid", asked.get("label")),
        }
        planned: list = []
        if None not in chosen.values():
            planned = planned_between(
                self.organization,
                datetime.datetime.combine(asked["start"], datetime.time.min),
                datetime.datetime.combine(asked["end"], datetime.time.min) + datetime.timedelta(days=1),
                zone=zone,
                states=asked.get("state", ()),
                networks=asked.get("network", ()),
                people=asked.get("author", ()),
                **chosen,
            )
        results = [_entry(post, at) for at, post in planned]
        return Response({"timezone": zone, "results": CalendarEntrySerializer(results, many=True).data})


def _found(rows, by: str, ids) -> list | None:
    """Those of the organization's own that were asked for; None where there is none of them."""
    return list(rows.filter(**{f"{by}__in": ids})) or None if ids else []


def _entry(post: SocialPost, at: datetime.datetime) -> dict:
    return {
        "uuid": post.uuid,
        "draft_title": post.draft_title,
        "state": post.state,
        "draft_state": post.draft_state,
        "local_time": at.strftime(LOCAL_TIME_FORMAT),
        "channels": post.channels.all(),
        "campaign": post.campaign,
        "author": {"id": post.owner.pk, "name": str(post.owner)} if post.owner else None,
    }
