"""What people say about a post, in the API: the same comments as in the studio."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from content_studio import commenting
from content_studio.comment_news import id_of
from organizations.models import Organization
from organizations.problems import Problem
from organizations.rest import CursorPages, GivenSerializer

from .representations import PersonSerializer, as_moment

COMMENT = OpenApiParameter("comment_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
REPLY = OpenApiParameter("reply_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class ReplySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    author = PersonSerializer()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class CommentSerializer(ReplySerializer):
    """A comment on a post or on one of its texts, with what was answered."""

    about = serializers.CharField(help_text=_("In words, such as “Text 2”."))
    segment = serializers.IntegerField(allow_null=True, help_text=_("The text that it is about, counted from 0."))
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = PersonSerializer(allow_null=True)
    replies = ReplySerializer(many=True)


class ReplyWriteSerializer(GivenSerializer):
    text = serializers.CharField(
        max_length=commenting.LONGEST, help_text=_("`@Name` or `@address` mentions a member, who is told.")
    )


class CommentWriteSerializer(ReplyWriteSerializer):
    segment = serializers.IntegerField(
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("The text that it is about, counted from 0; left out, it is about the whole post."),
    )


class WordsSerializer(GivenSerializer):
    needed = ("text",)
    text = serializers.CharField(max_length=commenting.LONGEST)


class CommentPages(CursorPages):
    ordering = ("created_at", "pk")


class CommentActions:
    """For the view of posts: what concerns their comments."""

    organization: Organization

    @extend_schema(
        operation_id="posts_comments_list",
        summary="List comments",
        description="The oldest first, resolved ones too.",
        responses=CommentSerializer(many=True),
        filters=False,
    )
    @action(detail=True, pagination_class=CommentPages, filterset_class=None)
    def comments(self, request, *args, **kwargs):
        post = self.get_object()
        return self.get_paginated_response(self._said(post, self.paginate_queryset(commenting.comments_on(post))))

    @extend_schema(
        operation_id="posts_comments_create",
        summary="Comment on a post",
        description="Everybody who sees the post may, Viewers too.",
        request=CommentWriteSerializer,
        responses={201: CommentSerializer},
    )
    @comments.mapping.post
    def comment(self, request, *args, **kwargs):
        post = self.get_object()
        said = self.said(CommentWriteSerializer)
        part = self._part(post, said["segment"])
        made = commenting.comment_on(post, user=request.user, text=said["text"], part=part)
        return Response(self._said(post, [made])[0], status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="posts_comments_reply",
        summary="Answer a comment",
        request=ReplyWriteSerializer,
        responses={201: CommentSerializer},
        parameters=[COMMENT],
    )
    @action(detail=True, methods=["post"], url_path="comments/<uuid:comment_id>/reply")
    def reply(self, request, comment_id, *args, **kwargs):
        post, comment = self._comment_of(comment_id)
        commenting.answer(post, comment, user=request.user, **self.said(ReplyWriteSerializer))
        return Response(self._said(post, [comment])[0], status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="posts_comments_resolve",
        summary="Say that a comment is dealt with",
        description="For whoever wrote it and those who may write.",
        request=None,
        responses=CommentSerializer,
        parameters=[COMMENT],
    )
    @action(detail=True, methods=["post"], url_path="comments/<uuid:comment_id>/resolve")
    def resolve(self, request, comment_id, *args, **kwargs):
        post, comment = self._comment_of(comment_id)
        commenting.resolve(post, comment, user=request.user)
        return Response(self._said(post, [comment])[0])

    @extend_schema(
        operation_id="posts_comments_destroy",
        summary="Delete one's own comment",
        responses={204: None},
        parameters=[COMMENT],
    )
    @action(detail=True, methods=["delete"], url_path="comments/<uuid:comment_id>")
    def delete_comment(self, request, comment_id, *args, **kwargs):
        post, comment = self._comment_of(comment_id)
        commenting.delete(post, comment, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="posts_comments_partial_update",
        summary="Change the words of one's own comment",
        description="While it is open.",
        request=WordsSerializer,
        responses=CommentSerializer,
        parameters=[COMMENT],
    )
    @delete_comment.mapping.patch
    def edit_comment(self, request, comment_id, *args, **kwargs):
        post, comment = self._comment_of(comment_id)
        commenting.edit(post, comment, user=request.user, **self.said(WordsSerializer))
        return Response(self._said(post, [comment])[0])

    @extend_schema(
        operation_id="posts_comments_replies_destroy",
        summary="Delete one's own reply",
        responses={204: None},
        parameters=[COMMENT, REPLY],
    )
    @action(detail=True, methods=["delete"], url_path="comments/<uuid:comment_id>/replies/<uuid:reply_id>")
    def delete_reply(self, request, comment_id, reply_id, *args, **kwargs):
        post, _comment, reply = self._reply_of(comment_id, reply_id)
        commenting.delete(post, reply, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="posts_comments_replies_partial_update",
        summary="Change the words of one's own reply",
        request=WordsSerializer,
        responses=CommentSerializer,
        parameters=[COMMENT, REPLY],
    )
    @delete_reply.mapping.patch
    def edit_reply(self, request, comment_id, reply_id, *args, **kwargs):
        post, comment, reply = self._reply_of(comment_id, reply_id)
        commenting.edit(post, reply, user=request.user, **self.said(WordsSerializer))
        return Response(self._said(post, [comment])[0])

    def _comment_of(self, comment_id):
        post = self.get_object()
        found = next((each for each in commenting.comments_on(post) if id_of(post, each) == comment_id), None)
        if found is None:
            raise Http404
        return post, found

    def _reply_of(self, comment_id, reply_id):
        post, comment = self._comment_of(comment_id)
        reply = next((each for each in comment.replies.all() if id_of(post, each) == reply_id), None)
        if reply is None:
            raise Http404
        return post, comment, reply

    def _part(self, post, segment: int | None) -> str:
        if segment is None:
            return commenting.WHOLE_POST
        paths = commenting.texts_in(post.get_latest_revision_as_object())
        if segment >= len(paths):
            raise Problem(_("The post has no text with this number: it has %(count)d.") % {"count": len(paths)})
        return paths[segment]

    def _said(self, post, comments) -> list[dict]:
        content = post.get_latest_revision_as_object()
        texts = {path: number for number, path in enumerate(commenting.texts_in(content))}
        return [
            {
                "id": str(id_of(post, each.comment)),
                "about": each.about,
                "segment": texts.get(each.comment.contentpath),
                "author": _person(each.comment.user),
                "text": each.comment.text,
                "created_at": as_moment(each.comment.created_at),
                "resolved_at": as_moment(each.comment.resolved_at),
                "resolved_by": _person(each.comment.resolved_by),
                "replies": [
                    {
                        "id": str(id_of(post, reply)),
                        "author": _person(reply.user),
                        "text": reply.text,
                        "created_at": as_moment(reply.created_at),
                    }
                    for reply in each.replies
                ],
            }
            for each in commenting.threads_of(comments, content)
        ]


def _person(user) -> dict | None:
    return {"id": str(user.pk), "name": str(user)} if user else None
