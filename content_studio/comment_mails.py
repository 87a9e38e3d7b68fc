"""Mails about comments: somebody mentioned me, wrote about my post, answered, or says that it is dealt with.

Told are those who follow the post (Wagtail's switch in the editor; its author
from the beginning) and those who take part in a conversation. Each person
chooses under “Account → Notifications” whether they get them.
"""

from collections.abc import Iterable

from wagtail.models import Comment, CommentReply, PageSubscription

from organizations.models import User

from .review_mails import members_of, send

CHOICE = "updated_comments_notifications"


def tell_commented(post, comment: Comment, *, by, mentioned: Iterable[User] = ()) -> None:
    _tell("commented", post, _followers(post), by=by, mentioned=mentioned, comment=comment.text)


def tell_answered(post, comment: Comment, reply: CommentReply, *, by, mentioned: Iterable[User] = ()) -> None:
    people = _followers(post) | _taking_part(comment)
    _tell("answered", post, people, by=by, mentioned=mentioned, comment=reply.text)


def tell_resolved(post, comment: Comment, *, by) -> None:
    _tell("resolved", post, _followers(post) | _taking_part(comment), by=by, comment=comment.text)


def follow_own_post(post, user) -> None:
    """An author follows what is said about their post until they switch it off."""
    if user is not None and post.owner_id == user.pk:
        PageSubscription.objects.get_or_create(page_id=post.pk, user=user, defaults={"comment_notifications": True})


def _followers(post) -> set:
    follow_own_post(post, post.owner)
    followers = PageSubscription.objects.filter(page=post.pk, comment_notifications=True)
    return set(followers.values_list("user_id", flat=True))


def _taking_part(comment: Comment) -> set:
    return {comment.user_id, *CommentReply.objects.filter(comment=comment).values_list("user_id", flat=True)}


def _tell(kind: str, post, people: set, *, by, comment: str, mentioned: Iterable[User] = ()) -> None:
    named = {each.pk for each in mentioned} - {by.pk}
    for name, whom in (("mentioned", named), (kind, people - named - {by.pk})):
        if whom:
            send(name, CHOICE, members_of(post).filter(pk__in=whom), post, by=by, comment=comment)
