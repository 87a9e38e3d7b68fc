"""The history of a post in the API: list, read, compare, restore."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from content_studio import drafting
from organizations.models import Organization
from organizations.rest import CursorPages
from publishing.models import Channel
from publishing.models.deliveries import revision_uuid

from .representations import ContentSerializer, PersonSerializer, PostSerializer, as_moment, content_of, library_of

COMPARED = ("title", "language", "segments", "first_comment", "overrides", "link_tags", "channels")
REVISION = OpenApiParameter("revision_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class RevisionSerializer(ContentSerializer):
    """One version of a post, with what it says."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    created_at = serializers.DateTimeField()
    author = PersonSerializer(allow_null=True)
    newest = serializers.BooleanField()
    approved = serializers.BooleanField()
    channels = serializers.ListField(child=serializers.UUIDField(), help_text=_("Ids; of those that still exist."))


class RevisionChangeSerializer(serializers.Serializer):
    field = serializers.CharField(help_text=_("Where, such as `segments.0.text`."))
    before = serializers.JSONField(allow_null=True, help_text=_("Null where there was nothing."))
    after = serializers.JSONField(allow_null=True, help_text=_("Null where there is nothing any more."))


class RevisionComparisonSerializer(serializers.Serializer):
    """What is different between two versions; from the one to the other."""

    before = serializers.UUIDField()
    after = serializers.UUIDField()
    changes = RevisionChangeSerializer(many=True)


class RevisionPages(CursorPages):
    ordering = ("-created_at", "-pk")


class RevisionActions:
    """For the view of posts: what concerns their revisions."""

    organization: Organization

    @extend_schema(
        operation_id="posts_revisions_list", summary="List revisions", responses=RevisionSerializer(many=True)
    )
    @action(detail=True, pagination_class=RevisionPages, filterset_class=None)
    def revisions(self, request, *args, **kwargs):
        post = self.get_object()
        page = self.paginate_queryset(post.revisions.select_related("user"))
        return self.get_paginated_response(self._versions(post, page))

    @extend_schema(
        operation_id="posts_revisions_retrieve",
        summary="Read a revision",
        responses=RevisionSerializer,
        parameters=[REVISION],
        filters=False,
    )
    @action(detail=True, url_path="revisions/<uuid:revision_id>")
    def revision(self, request, revision_id, *args, **kwargs):
        post = self.get_object()
        return Response(self._versions(post, [self._revision_of(post, revision_id)])[0])

    @extend_schema(
        operation_id="posts_revisions_compare",
        summary="Compare two revisions",
        responses=RevisionComparisonSerializer,
        parameters=[REVISION, OpenApiParameter("other_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        filters=False,
    )
    @action(detail=True, url_path="revisions/<uuid:revision_id>/compare/<uuid:other_id>")
    def compare(self, request, revision_id, other_id, *args, **kwargs):
        post = self.get_object()
        before, after = self._revision_of(post, revision_id), self._revision_of(post, other_id)
        contents = [self._said_in(each) for each in self._versions(post, [before, after])]
        return Response({"before": str(revision_id), "after": str(other_id), "changes": list(differences(*contents))})

    @extend_schema(
        operation_id="posts_revisions_restore",
        summary="Restore a revision",
        description="Writes a new revision with the content of an earlier one. `notice` says what that did to an "
        "approved or scheduled one.",
        request=None,
        responses=PostSerializer,
        parameters=[REVISION],
    )
    @action(detail=True, methods=["post"], url_path="revisions/<uuid:revision_id>/restore")
    def restore(self, request, revision_id, *args, **kwargs):
        post = self.get_object()
        restored = drafting.restore_revision(post, self._revision_of(post, revision_id), user=request.user)
        return self._answer(post, notice=restored.edit_notice)

    def _revision_of(self, post, revision_id):
        """The post's revision with this id in the API, or 404."""
        for pk in post.revisions.values_list("pk", flat=True):
            if revision_uuid(post.uuid, pk) == revision_id:
                return post.revisions.select_related("user").get(pk=pk)
        raise Http404

    def _versions(self, post, revisions) -> list[dict]:
        library = library_of([each.content for each in revisions], organization=self.organization)
        channels = self._channel_ids()
        return [
            {
                "id": str(revision_uuid(post.uuid, each.pk)),
                "title": each.content.get("title", ""),
                "created_at": as_moment(each.created_at),
                "author": {"id": str(each.user.pk), "name": str(each.user)} if each.user else None,
                "newest": each.pk == post.latest_revision_id,
                "approved": each.pk == post.approved_revision_id,
                "channels": [pk for pk in map(str, each.content.get("channels", [])) if pk in channels],
                **content_of(each.content, library),
            }
            for each in revisions
        ]

    def _channel_ids(self) -> set[str]:
        return set(map(str, Channel.objects.for_organization(self.organization).values_list("pk", flat=True)))

    def _said_in(self, version: dict) -> dict:
        return {name: version[name] for name in COMPARED}


def differences(before: Any, after: Any, field: str = ""):
    """Every place at which two contents differ, as `field`, `before` and `after`, in reading order."""
    if isinstance(before, dict) and isinstance(after, dict):
        places = [(str(name), before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    elif isinstance(before, list) and isinstance(after, list):
        places = [
            (str(index), before[index] if index < len(before) else None, after[index] if index < len(after) else None)
            for index in range(max(len(before), len(after)))
        ]
    else:
        if before != after:
            yield {"field": field, "before": before, "after": after}
        return
    for name, old, new in places:
        yield from differences(old, new, f"{field}.{name}" if field else name)
