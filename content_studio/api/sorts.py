"""Campaigns, labels and brand voices in the API."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.response import Response

from content_studio import sorting
from content_studio.ai.models import BrandVoice
from content_studio.label_viewsets import CampaignViewSet as StudioCampaigns
from content_studio.label_viewsets import LabelViewSet as StudioLabels
from content_studio.labels import Campaign, Label, name_is_taken
from content_studio.voice_viewsets import BrandVoiceViewSet as StudioVoices
from organizations.resources import OwnViewSet
from organizations.rest import CursorPages, GivenSerializer
from organizations.roles import Action


class NamedOnceSerializer(GivenSerializer, serializers.ModelSerializer):
    """A row that has its name to itself. Checks what the studio's form checks."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    row: Campaign | Label | BrandVoice  # as it would be; set once what was sent is valid

    def validate(self, attrs):
        row = self.instance or self.Meta.model(organization=self.context["organization"])
        for name, value in attrs.items():
            setattr(row, name, value)
        if name_is_taken(row, row.name):
            told = _("“%(name)s” exists already.") % {"name": row.name}
            raise serializers.ValidationError({"name": [told]}, code="unique")
        try:
            row.clean()
        except ValidationError as err:
            raise serializers.ValidationError(err.message_dict) from err
        self.row = row
        return attrs


class CampaignSerializer(NamedOnceSerializer):
    """What several posts are for."""

    class Meta:
        model = Campaign
        fields = ["id", *StudioCampaigns.form_fields]

    def validate(self, attrs):
        attrs = super().validate(attrs)
        if self.row.starts_on and self.row.ends_on and self.row.ends_on < self.row.starts_on:
            raise serializers.ValidationError({"ends_on": [_("It ends before it begins.")]})
        return attrs


class LabelSerializer(NamedOnceSerializer):
    """A word to find posts by."""

    class Meta:
        model = Label
        fields = ["id", *StudioLabels.form_fields]


class BrandVoiceSerializer(NamedOnceSerializer):
    """How an organization wants to sound."""

    class Meta:
        model = BrandVoice
        fields = ["id", *StudioVoices.form_fields]


class NamePages(CursorPages):
    ordering = ("name", "pk")


class SortViewSet(OwnViewSet):
    pagination_class = NamePages
    lookup_field = "uuid"
    required_actions = dict.fromkeys(("create", "partial_update", "destroy"), Action.WRITE)

    def get_own(self):
        return self.queryset.model.objects.for_organization(self.organization).select_related("organization")

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "organization": getattr(self, "organization", None)}

    def create(self, request, *args, **kwargs):
        return Response(self._keep(None), status=status.HTTP_201_CREATED)

    def partial_update(self, request, *args, **kwargs):
        return Response(self._keep(self.get_object()))

    def destroy(self, request, *args, **kwargs):
        sorting.remove(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _keep(self, row) -> dict:
        given: Any = self.get_serializer(row, data=self.request.data or {}, partial=row is not None)
        given.is_valid(raise_exception=True)
        return self.get_serializer(sorting.keep(given.row, user=self.request.user)).data


def described(one: str, many: str, *, left: str):
    return extend_schema_view(
        list=extend_schema(summary=f"List {many}", description="By name."),
        retrieve=extend_schema(summary=f"Read a {one}"),
        create=extend_schema(summary=f"Make a {one}"),
        partial_update=extend_schema(summary=f"Change a {one}"),
        destroy=extend_schema(summary=f"Delete a {one}", description=left, responses={204: None}),
    )


@described("campaign", "campaigns", left="Its posts stay, without a campaign.")
class CampaignViewSet(SortViewSet):
    queryset = Campaign.objects.none()
    serializer_class = CampaignSerializer


@described("label", "labels", left="Its posts stay, without it.")
class LabelViewSet(SortViewSet):
    queryset = Label.objects.none()
    serializer_class = LabelSerializer


@described("brand voice", "brand voices", left="What was written with it stays.")
class BrandVoiceViewSet(SortViewSet):
    queryset = BrandVoice.objects.none()
    serializer_class = BrandVoiceSerializer
    required_actions = dict.fromkeys(("create", "partial_update", "destroy"), Action.MANAGE_SETTINGS)
