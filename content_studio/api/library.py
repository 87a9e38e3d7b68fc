"""An organization's library in the API: tones, hashtag sets, signatures, link tags and briefs."""

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from organizations.rest import CursorPages, GivenSerializer, OrganizationViewMixin
from organizations.roles import Action

from ..ai.models import BrandVoice
from ..library import HashtagSet, SavedBrief, Signature, Tone, UtmPreset, tones_of
from .validate import PlatformField


class EntrySerializer(GivenSerializer, serializers.ModelSerializer):
    """Checks what the studio's form checks: the name is free, and the entry is sound."""

    def validate(self, given):
        organization = self.context["view"].organization
        entry = self.instance or self.Meta.model(organization=organization)
        for name, value in given.items():
            setattr(entry, name, value)
        same = type(entry).objects.for_organization(organization).filter(name__iexact=entry.name.strip())
        if same.exclude(pk=entry.pk).exists():
            raise serializers.ValidationError({"name": _("“%(name)s” exists already.") % {"name": entry.name}})
        try:
            entry.clean()
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        return {name: getattr(entry, name) for name in given}


class ToneSerializer(EntrySerializer):
    class Meta:
        model = Tone
        fields = ["id", "name", "instruction"]


class HashtagSetSerializer(EntrySerializer):
    class Meta:
        model = HashtagSet
        fields = ["id", "name", "tags"]


class SignatureSerializer(EntrySerializer):
    class Meta:
        model = Signature
        fields = ["id", "name", "text"]


class UtmPresetSerializer(EntrySerializer):
    query = serializers.CharField(read_only=True, help_text="What a post keeps as its `link_tags`.")

    class Meta:
        model = UtmPreset
        fields = ["id", "name", "source", "medium", "campaign", "term", "content", "is_default", "query"]


class SavedBriefSerializer(EntrySerializer):
    networks = serializers.ListField(child=PlatformField(), required=False)
    voice = serializers.CharField(required=False, allow_null=True, allow_blank=True, help_text="Name of a brand voice.")

    class Meta:
        model = SavedBrief
        fields = ["id", "name", "prompt", "networks", "tone", "language", "voice"]

    def validate_voice(self, name):
        if not name:
            return None
        organization = self.context["view"].organization
        found = BrandVoice.objects.for_organization(organization).filter(name__iexact=name).first()
        if found is None:
            raise serializers.ValidationError(_("There is no brand voice “%(name)s”.") % {"name": name})
        return found

    def validate_tone(self, tone):
        if tone and tone not in tones_of(self.context["view"].organization):
            raise serializers.ValidationError(_("There is no tone “%(name)s”.") % {"name": tone})
        return tone

    def to_representation(self, brief):
        return {**super().to_representation(brief), "voice": brief.voice.name if brief.voice else None}


class LibraryPages(CursorPages):
    page_size = 50
    ordering = "-pk"


class LibraryViewSet(OrganizationViewMixin, viewsets.ModelViewSet):
    """Everybody of the organization may read the library; whoever may write posts may change it."""

    pagination_class = LibraryPages
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_value_converter = "uuid"
    required_actions = dict.fromkeys(("create", "partial_update", "destroy"), Action.WRITE)
    filter_backends: list = []

    def get_queryset(self):
        model = self.serializer_class.Meta.model
        if getattr(self, "swagger_fake_view", False):
            return model.objects.none()
        entries = model.objects.for_organization(self.organization)
        return entries.select_related("voice") if model is SavedBrief else entries

    def perform_create(self, serializer):
        serializer.save(organization=self.organization)


def _viewset(one: str, many: str, serializer: type[EntrySerializer]) -> type[LibraryViewSet]:
    viewset = type(f"{serializer.Meta.model.__name__}ViewSet", (LibraryViewSet,), {"serializer_class": serializer})
    summaries = {
        "list": f"List {many}",
        "retrieve": f"Read a {one}",
        "create": f"Make a {one}",
        "partial_update": f"Change a {one}",
        "destroy": f"Delete a {one}",
    }
    described = {name: extend_schema(tags=["library"], summary=summary) for name, summary in summaries.items()}
    return extend_schema_view(**described)(viewset)


VIEWSETS = {
    "tones": _viewset("tone", "tones", ToneSerializer),
    "hashtag-sets": _viewset("hashtag set", "hashtag sets", HashtagSetSerializer),
    "signatures": _viewset("signature", "signatures", SignatureSerializer),
    "utm-presets": _viewset("set of link tags", "sets of link tags (UTM)", UtmPresetSerializer),
    "briefs": _viewset("saved brief", "saved briefs", SavedBriefSerializer),
}
