"""Tells people by mail, and tools by webhooks, what is said about posts: on their page, in the editor or by the API."""

import uuid
from collections.abc import Iterable

from wagtail.models import Comment, CommentReply

from organizations.models import User
from webhooks.events import EventType

from . import comment_mails
from .telling import tell


def id_of(post, said: Comment | CommentReply) -> uuid.UUID:
    """The id that tools know a comment or a reply by: Wagtail's own are numbers that count everybody's."""
    return uuid.uuid5(post.uuid, f"{said._meta.model_name}:{said.pk}")


def commented(post, comment: Comment, *, by: User, mentioned: Iterable[User]) -> None:
    comment_mails.tell_commented(post, comment, by=by, mentioned=mentioned)
    tell(post, EventType.COMMENT_CREATED, user=by, comment=_shown(post, comment))


def answered(post, comment: Comment, reply: CommentReply, *, by: User, mentioned: Iterable[User]) -> None:
    comment_mails.tell_answered(post, comment, reply, by=by, mentioned=mentioned)
    tell(post, EventType.COMMENT_REPLIED, user=by, comment=_shown(post, comment), reply=_shown(post, reply))


def edited(post, said: Comment | CommentReply, *, by: User) -> None:
    """Tools alone are told: who was mentioned has had the mail."""
    _tell_of(post, said, by, comment=EventType.COMMENT_EDITED, reply=EventType.REPLY_EDITED)


def resolved(post, comment: Comment, *, by: User) -> None:
    comment_mails.tell_resolved(post, comment, by=by)
    tell(post, EventType.COMMENT_RESOLVED, user=by, comment=_shown(post, comment))


def deleted(post, said: Comment | CommentReply, *, by: User) -> None:
    """Told before it is gone: its id follows from its number."""
    _tell_of(post, said, by, comment=EventType.COMMENT_DELETED, reply=EventType.REPLY_DELETED)


def _tell_of(post, said: Comment | CommentReply, by: User, *, comment: EventType, reply: EventType) -> None:
    if isinstance(said, CommentReply):
        tell(post, reply, user=by, comment=_shown(post, said.comment), reply=_shown(post, said))
    else:
        tell(post, comment, user=by, comment=_shown(post, said))


def _shown(post, said: Comment | CommentReply) -> dict:
    return {
        "id": str(id_of(post, said)),
        "author": {"id": str(said.user.pk), "name": str(said.user)} if said.user else None,
        "text": said.text,
        "created_at": said.created_at.isoformat(),
    }
