"""Posts in the API: everything the studio does with one, through the same functions."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from content_studio import drafting, planning, queueing, sorting
from content_studio.exporting import export_posts
from content_studio.messages import messages_for
from content_studio.models import SocialPost
from content_studio.problems import RevisionChanged
from organizations.problems import Problem
from organizations.resources import NamedByAddress
from organizations.rest import OrganizationViewMixin
from organizations.roles import Action
from publishing.api.rehearsing import DryRunSerializer
from publishing.models.deliveries import revision_uuid
from publishing.rehearsing import rehearse

from .comments import CommentActions
from .filters import PostFilter, PostPages
from .imports import FILE, file_answer
from .representations import PostSerializer, described, etag, to_be_shown, version, version_of
from .revisions import RevisionActions
from .writing import (
    ApproveSerializer,
    ChangesSerializer,
    PlanWriteSerializer,
    PostWriteSerializer,
    ScheduleSerializer,
)


class ChangedMeanwhile(Problem):
    slug = "precondition-failed"
    status = 412
    title = "The post was changed in the meantime"


IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The `ETag` of the post as you know it."
)

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `ETag` of the post as you know it: 304 while it is still like that.",
)


@extend_schema_view(
    list=extend_schema(summary="List posts", description="Newest first, a page at a time."),
    retrieve=extend_schema(summary="Read a post"),
)
class PostViewSet(CommentActions, RevisionActions, NamedByAddress, OrganizationViewMixin, viewsets.GenericViewSet):
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
        "plan": Action.WRITE,
        "submit": Action.SUBMIT,
        "withdraw": Action.SUBMIT,
        "approve": Action.APPROVE,
        "request_changes": Action.APPROVE,
        "schedule": Action.PUBLISH,
        "unschedule": Action.PUBLISH,
        "publish": Action.PUBLISH,
        "queue": Action.WRITE,
        "comment": Action.COMMENT,
        "reply": Action.COMMENT,
        "resolve": Action.COMMENT,
        "edit_comment": Action.COMMENT,
        "edit_reply": Action.COMMENT,
        "delete_comment": Action.COMMENT,
        "delete_reply": Action.COMMENT,
    }

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        posts = SocialPost.objects.for_organization(self.organization)
        return posts.select_related("latest_revision", "owner", "organization", "campaign").prefetch_related("labels")

    def list(self, request, *args, **kwargs):
        # Sought and sorted as little more than ids: whole posts with their revisions are read for one page alone.
        sought = SocialPost.objects.for_organization(self.organization).only("latest_revision_created_at")
        page = [post.pk for post in self.paginate_queryset(self.filter_queryset(sought))]
        posts = to_be_shown(self.organization).in_bulk(page)
        return self.get_paginated_response(self._described([posts[pk] for pk in page if pk in posts]))

    @extend_schema(
        parameters=[IF_NONE_MATCH],
        responses={200: PostSerializer, 304: OpenApiResponse(description="It is as you know it")},
    )
    def retrieve(self, request, *args, **kwargs):
        answer = self._shown(uuid=self.kwargs["id"])
        known = request.headers.get("If-None-Match", "").split(",")
        if answer["ETag"] in [each.strip().removeprefix("W/") for each in known]:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": answer["ETag"]})
        return answer

    @extend_schema(summary="Write a post", request=PostWriteSerializer, responses={201: PostSerializer})
    @transaction.atomic
    def create(self, request, *args, **kwargs):
        said = self.said(PostWriteSerializer)
        sorts = _taken(said, "campaign", "labels")
        rest = [*drafting.first_comment(said.pop("first_comment", "")), *said.pop("overrides", ())]
        post = drafting.create_draft(organization=self.organization, user=request.user, rest=rest, **said)
        sorting.sort_post(post, user=request.user, **sorts)
        return self._answer(post, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Write the next revision of a post",
        description="What is left out stays as it is. An approved or scheduled revision stays approved and scheduled, "
        "or is taken back, as the organization's `edits_of_approved` says; `notice` in the answer says which. The new "
        "one is a draft that needs its own approval. Campaign and labels belong to the post as a whole: "
        "changing them alone makes no revision.",
        request=PostWriteSerializer,
        responses=PostSerializer,
        parameters=[IF_MATCH],
    )
    @transaction.atomic
    def partial_update(self, request, *args, **kwargs):
        post = self._wanted(self.get_object())
        said = self.said(PostWriteSerializer, partial=True)
        sorts = _taken(said, "campaign", "labels")
        notice = drafting.revise(post, user=request.user, **said).edit_notice if said else ""
        if sorts:
            sorting.sort_post(post, user=request.user, **sorts)
        return self._answer(post, notice=notice)

    @extend_schema(
        summary="Delete a post",
        description="Cancels what has not gone out. What is published stays on the networks.",
        responses={204: None},
        parameters=[IF_MATCH],
    )
    @transaction.atomic
    def destroy(self, request, *args, **kwargs):
        drafting.delete_post(self._wanted(self.get_object()), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="See what would be sent to each network, without sending it",
        description="The newest revision, for each of its channels.",
        responses=DryRunSerializer(many=True),
    )
    @action(detail=True, url_path="dry-run", pagination_class=None, filterset_class=None)
    def dry_run(self, request, *args, **kwargs):
        messages = messages_for(self.get_object().get_latest_revision_as_object())
        rehearsals = [rehearse(channel, message) for channel, message in messages.items()]
        return Response(DryRunSerializer(rehearsals, many=True).data)

    @extend_schema(summary="Start a new draft with the same content", request=None, responses={201: PostSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request, *args, **kwargs):
        post = drafting.duplicate_post(self.get_object(), user=request.user)
        return self._answer(post, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Submit for review", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request, *args, **kwargs):
        return self._answer(planning.submit_post(self.get_object(), user=request.user))

    @extend_schema(summary="Take back from review", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, *args, **kwargs):
        return self._answer(planning.withdraw_post(self.get_object(), user=request.user))

    @extend_schema(
        summary="Approve the newest revision",
        description="At the last stage of the review the revision becomes the approved one. Say by `revision` or "
        "`If-Match` what you have read: a newer revision is then not approved unseen.",
        request=ApproveSerializer,
        responses=PostSerializer,
        parameters=[IF_MATCH],
    )
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def approve(self, request, *args, **kwargs):
        post = self._wanted(self.get_object())
        said = self.said(ApproveSerializer)
        if (seen := said.pop("revision")) and seen != revision_uuid(post.uuid, post.latest_revision_id):
            raise RevisionChanged(_("This is not the newest revision of the post. Read it again, then approve it."))
        known = post.latest_revision_id if seen else None
        return self._answer(planning.approve_post(post, user=request.user, revision_id=known, **said))

    @extend_schema(
        summary="Ask for changes", request=ChangesSerializer, responses=PostSerializer, parameters=[IF_MATCH]
    )
    @action(detail=True, methods=["post"], url_path="request-changes")
    @transaction.atomic
    def request_changes(self, request, *args, **kwargs):
        post = self._wanted(self.get_object())
        return self._answer(planning.request_changes(post, user=request.user, **self.said(ChangesSerializer)))

    @extend_schema(
        summary="Note when it should go out",
        description="A wish, as in the calendar: nothing goes out by it that is not scheduled. What is scheduled "
        "already moves to the new time.",
        request=PlanWriteSerializer,
        responses=PostSerializer,
    )
    @action(detail=True, methods=["post"])
    def plan(self, request, *args, **kwargs):
        post = self.get_object()
        planning.plan_post(post, user=request.user, **self._moment(PlanWriteSerializer))
        return self._answer(post)

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
        planning.schedule_post(post, user=request.user, **self._moment(ScheduleSerializer))
        return self._answer(post)

    @extend_schema(summary="Take back what has not gone out", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def unschedule(self, request, *args, **kwargs):
        return self._answer(planning.unschedule_post(self.get_object(), user=request.user))

    @extend_schema(
        summary="Give the post the next free slot of its channels",
        description="Schedules it where it may go out and you may schedule; else the slot becomes its planned time.",
        request=None,
        responses=PostSerializer,
    )
    @action(detail=True, methods=["post"])
    def queue(self, request, *args, **kwargs):
        return self._answer(queueing.queue_post(self.get_object(), user=request.user).post)

    @extend_schema(summary="Publish now", request=None, responses=PostSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request, *args, **kwargs):
        post = self.get_object()
        planning.publish_post_now(post, user=request.user)
        return self._answer(post)

    @extend_schema(
        summary="The list as a table",
        description="`kind` is csv or xlsx. Takes the filters of the list; at most 10,000 posts.",
        responses=FILE,
        parameters=[OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=["csv", "xlsx"])],
    )
    @action(detail=False, url_path="export/<slug:kind>", pagination_class=None)
    def export(self, request, kind, *args, **kwargs):
        posts = self.filter_queryset(self.get_queryset()).order_by("-pk")
        content, content_type = export_posts(posts, kind=kind)
        return file_answer(content, content_type, f"posts.{kind}")

    def _moment(self, serializer_class) -> dict:
        return {"timezone": self.organization.timezone, **self.said(serializer_class)}

    def _wanted(self, post):
        """The post, if the caller knows its newest version or does not ask. Locked: nobody is faster from here on."""
        known = self.request.headers.get("If-Match", "*")
        if known == "*":
            return post
        SocialPost.objects.select_for_update(of=("self",)).only("pk").get(pk=post.pk)
        post = self.get_queryset().get(pk=post.pk)
        if version(post) not in map(version_of, known.split(",")):
            raise ChangedMeanwhile(_("Somebody changed this post since you read it. Read it again and repeat."))
        return post

    def _described(self, posts, **more):
        return described(posts, organization=self.organization, request=self.request, **more)

    def _answer(self, post, **kwargs) -> Response:
        return self._shown(pk=post.pk, **kwargs)

    def _shown(self, *, notice: str = "", status: int = 200, **which) -> Response:
        """The post as it is now in the database."""
        post = get_object_or_404(to_be_shown(self.organization), **which)
        (shown,) = self._described([post], notice=notice)
        return Response(shown, status=status, headers={"ETag": etag(post, shown)})


def _taken(said: dict, *names: str) -> dict:
    """What of `said` has these names, taken out of it."""
    return {name: said.pop(name) for name in names if name in said}
