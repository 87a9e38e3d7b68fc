"""Posts in the API: everything the studio does with one, through the same functions."""

import django_filters
from django.db.models import CharField, OuterRef, Q, Subquery
from django.db.models.functions import Cast
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from wagtail.models import Revision

from content_studio import drafting, planning
from content_studio.models import SocialPost
from organizations.problems import Problem
from organizations.rest import OrganizationViewMixin
from organizations.roles import Action
from publishing.models import Network
from publishing.models.deliveries import revision_uuid

from .representations import (
    ChangesSerializer,
    CommentSerializer,
    PostSerializer,
    PostWriteSerializer,
    RevisionSerializer,
    ScheduleSerializer,
    etag,
    reading_context,
)


class ChangedMeanwhile(Problem):
    slug = "precondition-failed"
    status = 412
    title = "The post was changed in the meantime"


class PostFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=SocialPost.State.choices)
    channel = django_filters.UUIDFilter(field_name="channels", help_text="Posts that go to this channel.")
    network = django_filters.MultipleChoiceFilter(
        field_name="channels__network", choices=Network.choices, distinct=True
    )
    author = django_filters.UUIDFilter(field_name="owner")
    planned_after = django_filters.IsoDateTimeFilter(field_name="planned_local", lookup_expr="gte")
    planned_before = django_filters.IsoDateTimeFilter(field_name="planned_local", lookup_expr="lt")
    q = django_filters.CharFilter(method="search", help_text="Words to find in the title and the texts.")

    class Meta:
        model = SocialPost
        fields: list[str] = []

    def search(self, posts, name, value):
        words = [word for word in value.split() if word]
        found = Q()
        for word in words:
            found &= Q(draft_title__icontains=word) | Q(latest_revision__content__body__icontains=word)
        return posts.filter(found)


class PostPages(CursorPagination):
    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "-pk"


IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The `ETag` of the post as you know it."
)


@extend_schema_view(
    list=extend_schema(summary="List posts", description="Newest first, a page at a time."),
    retrieve=extend_schema(summary="Read a post"),
)
class PostViewSet(OrganizationViewMixin, viewsets.GenericViewSet):
    """Social media posts of one organization."""

    queryset = SocialPost.objects.none()
    serializer_class = PostSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = PostFilter
    pagination_class = PostPages
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    required_actions = {
        "create": Action.WRITE,
        "partial_update": Action.WRITE,
        "destroy": Action.WRITE,
        "duplicate": Action.WRITE,
        "restore": Action.WRITE,
        "submit": Action.SUBMIT,
        "approve": Action.APPROVE,
        "request_changes": Action.APPROVE,
        "schedule": Action.PUBLISH,
        "unschedule": Action.PUBLISH,
        "publish": Action.PUBLISH,
    }

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        first = Revision.objects.filter(
            object_id=Cast(OuterRef("pk"), CharField()), content_type=OuterRef("content_type")
        )
        return (
            SocialPost.objects.for_organization(self.organization)
            .select_related("latest_revision", "owner", "organization")
            .annotate(beginning=Subquery(first.order_by("created_at").values("created_at")[:1]))
        )

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._described(page))

    def retrieve(self, request, *args, **kwargs):
        return self._answer(self.get_object())

    @extend_schema(summary="Write a post", request=PostWriteSerializer, responses={201: PostSerializer})
    def create(self, request, *args, **kwargs):
        said = self._said(PostWriteSerializer)
        post = drafting.create_draft(organization=self.organization, user=request.user, **said)
        return self._answer(post, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Write the next revision of a post",
        description="What is left out stays as it is. An approved or scheduled revision stays approved and scheduled; "
        "the new one is a draft that needs its own approval.",
        request=PostWriteSerializer,
        responses=PostSerializer,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request, *args, **kwargs):
        post = self._wanted(self.get_object())
        said = self._said(PostWriteSerializer, partial=True)
        if said:
            drafting.revise(post, user=request.user, **said)
        return self._answer(post)

    @extend_schema(
        summary="Delete a post",
        description="Cancels what has not gone out. What is published stays on the networks.",
        responses={204: None},
        parameters=[IF_MATCH],
    )
    def destroy(self, request, *args, **kwargs):
        drafting.delete_post(self._wanted(self.get_object()), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="Start a new draft with the same content", request=None, responses={201: PostSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request, *args, **kwargs):
        post = drafting.duplicate_post(self.get_object(), user=request.user)
        return self._answer(post, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Submit for review", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request, *args, **kwargs):
        return self._answer(planning.submit_post(self.get_object(), user=request.user))

    @extend_schema(summary="Approve the newest revision", request=CommentSerializer, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request, *args, **kwargs):
        post = self._wanted(self.get_object())
        return self._answer(planning.approve_post(post, user=request.user, **self._said(CommentSerializer)))

    @extend_schema(summary="Ask for changes", request=ChangesSerializer, responses=PostSerializer)
    @action(detail=True, methods=["post"], url_path="request-changes")
    def request_changes(self, request, *args, **kwargs):
        post = self._wanted(self.get_object())
        return self._answer(planning.request_changes(post, user=request.user, **self._said(ChangesSerializer)))

    @extend_schema(
        summary="Schedule, or move to another time",
        description="`planned.at` in the answer is the moment in UTC. A time that a clock change skips moves forward, "
        "of one that occurs twice the first is meant.",
        request=ScheduleSerializer,
        responses=PostSerializer,
    )
    @action(detail=True, methods=["post"])
    def schedule(self, request, *args, **kwargs):
        post = self.get_object()
        said = {"timezone": self.organization.timezone, **self._said(ScheduleSerializer)}
        planning.schedule_post(post, user=request.user, **said)
        return self._answer(post)

    @extend_schema(summary="Take back what has not gone out", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def unschedule(self, request, *args, **kwargs):
        return self._answer(planning.unschedule_post(self.get_object(), user=request.user))

    @extend_schema(summary="Publish now", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request, *args, **kwargs):
        post = self.get_object()
        planning.publish_post_now(post, user=request.user)
        return self._answer(post)

    @extend_schema(summary="List revisions", responses=RevisionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def revisions(self, request, *args, **kwargs):
        post = self.get_object()
        revisions = list(post.revisions.select_related("user").order_by("-created_at", "-pk")[:200])
        return Response([self._revision(post, each) for each in revisions])

    @extend_schema(
        summary="Restore a revision",
        description="Writes a new revision with the content of an earlier one.",
        request=None,
        responses=PostSerializer,
        parameters=[OpenApiParameter("revision_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="revisions/<uuid:revision_id>/restore")
    def restore(self, request, revision_id, *args, **kwargs):
        post = self.get_object()
        for revision in post.revisions.all():
            if revision_uuid(post.uuid, revision.pk) == revision_id:
                drafting.restore_revision(post, revision, user=request.user)
                return self._answer(post)
        raise Http404

    def _said(self, serializer_class, **kwargs) -> dict:
        serializer = serializer_class(
            data=self.request.data or {}, context={"organization": self.organization}, **kwargs
        )
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _wanted(self, post):
        """The post, if the caller knows its newest version or does not ask."""
        known = self.request.headers.get("If-Match", "*")
        if known != "*" and etag(post) not in [each.strip() for each in known.split(",")]:
            raise ChangedMeanwhile(_("Somebody changed this post since you read it. Read it again and repeat."))
        return post

    def _described(self, posts):
        context = self.get_serializer_context() | reading_context(posts, organization=self.organization)
        return PostSerializer(posts, many=True, context=context).data

    def _answer(self, post, **kwargs) -> Response:
        post = self.get_queryset().get(pk=post.pk)
        return Response(self._described([post])[0], headers={"ETag": etag(post)}, **kwargs)

    def _revision(self, post, revision) -> dict:
        as_it_was = SocialPost(pk=post.pk, uuid=post.uuid, latest_revision=revision, organization=self.organization)
        context = reading_context([as_it_was], organization=self.organization)
        segments = PostSerializer(as_it_was, context=context).get_segments(as_it_was)
        return {
            "id": str(revision_uuid(post.uuid, revision.pk)),
            "created_at": serializers.DateTimeField().to_representation(revision.created_at),
            "author": {"id": str(revision.user.pk), "name": str(revision.user)} if revision.user else None,
            "newest": revision.pk == post.latest_revision_id,
            "approved": revision.pk == post.approved_revision_id,
            "segments": segments,
        }
