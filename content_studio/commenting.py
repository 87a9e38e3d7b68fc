"""Comments on posts, by everybody who may see them.

They are Wagtail's own `Comment` and `CommentReply`: what is said beside a text
in the editor and what is said on a post's page are the same conversation. Each
function that changes something asks for the role, writes to the log, and tells
the people and tools whom it concerns (`comment_news`).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from wagtail.models import Comment, CommentReply

from organizations.models import User
from organizations.problems import Conflict, Forbidden, NotFound, Problem
from organizations.roles import Action, may, require

from . import comment_news
from .models import SocialPost

WHOLE_POST = "body"
LONGEST = 5_000


@dataclass
class Thread:
    """A comment with what was answered, and the part of the post that it is about."""

    comment: Comment
    about: str
    replies: list[CommentReply] = field(default_factory=list)


def comments_on(post):
    """The comments on `post`, the oldest first: a queryset."""
    return Comment.objects.filter(page=post.pk).select_related("user", "resolved_by").order_by("created_at", "pk")


def threads_of(comments: Iterable[Comment], content: SocialPost) -> list[Thread]:
    """The comments with their replies, in one query more; `content` is the post as it is now."""
    parts = parts_of(content)
    threads = {each.pk: Thread(each, _name_of(each.contentpath, content, parts)) for each in comments}
    replies = CommentReply.objects.filter(comment__in=threads).select_related("user").order_by("created_at", "pk")
    for reply in replies:
        threads[reply.comment_id].replies.append(reply)
    return list(threads.values())


def shown_comments(post, content, user) -> dict:
    """For the post's page: open conversations, those that are resolved, and whom one can mention."""
    threads = threads_of(comments_on(post), content)
    may_comment = may(user, Action.COMMENT, organization=post.organization)
    return {
        "threads": [each for each in threads if not each.comment.resolved_at],
        "resolved_threads": [each for each in threads if each.comment.resolved_at],
        "may_comment": may_comment,
        "may_resolve_all": may(user, Action.WRITE, organization=post.organization),
        "comment_parts": parts_of(content),
        "longest_comment": LONGEST,
        "names": json.dumps([str(person) for person in members_of(post) if person != user] if may_comment else []),
    }


def parts_of(content: SocialPost) -> dict[str, str]:
    """What a comment can be about: where Wagtail's editor shows it, and what people call it."""
    parts = {WHOLE_POST: _("The post as a whole")}
    texts = [block for block in content.body if block.block_type == "segment"]
    for number, block in enumerate(texts, 1):
        parts[f"body.{block.id}.text"] = _("Text") if len(texts) == 1 else _("Text %(n)d") % {"n": number}
    for block in content.body:
        if block.block_type == "first_comment":
            parts[f"body.{block.id}"] = _("First comment")
    return parts


def texts_in(content: SocialPost) -> list[str]:
    """Where each text of the post is, in order."""
    return [path for path in parts_of(content) if path.endswith(".text")]


def _name_of(path: str, content: SocialPost, parts: dict[str, str]) -> str:
    if path in parts:
        return parts[path]
    name, *inside = path.split(".")
    if not inside:
        known = {
            each.name: each.verbose_name for each in SocialPost._meta.get_fields() if hasattr(each, "verbose_name")
        }
        return str(known.get(name, _("The post as a whole")))
    segment = f"body.{inside[0]}.text"
    if segment in parts:
        what = _("Pictures and files") if "media" in inside else _("Link or poll")
        return what if len(texts_in(content)) == 1 else f"{parts[segment]}: {what}"
    if any(block.id == inside[0] for block in content.body):
        return _("Different on one network")
    return _("A part that is no longer there")


def members_of(post) -> list[User]:
    """Whom a comment may mention: the people of the post's organization."""
    people = User.objects.filter(is_active=True, memberships__organization=post.organization_id)
    return list(people.order_by("first_name", "last_name", "email"))


def mentioned_in(text: str, people: Iterable[User]) -> list[User]:
    """Those of `people` whom the text names by `@Name` or `@address`."""
    called: dict[str, list[User]] = {}
    for person in people:
        for name in {str(person).casefold(), person.email.casefold()}:
            called.setdefault(name, []).append(person)
    if not called or "@" not in text:
        return []
    # The longest first: “@Ann Lee” is not Ann.
    names = "|".join(re.escape(name) for name in sorted(called, key=len, reverse=True))
    found = re.findall(rf"(?<![\w@])@({names})(?![\w@])", text.casefold())
    return list(dict.fromkeys(person for name in found for person in called[name]))


@transaction.atomic
def comment_on(post, *, user, text: str, part: str = WHOLE_POST) -> Comment:
    """Says something about the post or one of its parts. Raises Problem."""
    require(user, Action.COMMENT, organization=post.organization)
    text = _said(text)
    if part not in parts_of(post.get_latest_revision_as_object()):
        raise Problem(_("This part of the post is not there any more. Comment on another one."))
    comment = Comment.objects.create(
        page_id=post.pk, user=user, text=text, contentpath=part, revision_created_id=post.latest_revision_id
    )
    comment.log_create(user=user, page_revision=post.latest_revision)
    comment_news.commented(post, comment, by=user, mentioned=mentioned_in(text, members_of(post)))
    return comment


@transaction.atomic
def answer(post, comment: Comment, *, user, text: str) -> CommentReply:
    """Answers a comment. Raises Problem where it is resolved."""
    require(user, Action.COMMENT, organization=post.organization)
    text = _said(text)
    _hold_open(comment)
    reply = CommentReply.objects.create(comment=comment, user=user, text=text)
    reply.log_create(user=user, page_revision=post.latest_revision)
    comment_news.answered(post, comment, reply, by=user, mentioned=mentioned_in(text, members_of(post)))
    return reply


@transaction.atomic
def edit(post, said: Comment | CommentReply, *, user, text: str) -> None:
    """Puts one's own comment or reply in other words. The same words again change nothing."""
    require(user, Action.COMMENT, organization=post.organization)
    text = _said(text)
    if said.user_id != user.pk:
        raise Forbidden(_("Only whoever wrote it can change it."))
    _hold_open(said.comment if isinstance(said, CommentReply) else said)
    if text == said.text:
        return
    said.text = text
    # Its own `save` takes no fields.
    if not type(said).objects.filter(pk=said.pk).update(text=text, updated_at=clock.now()):
        raise NotFound(_("There is no such comment on this post."))
    said.log_edit(user=user, page_revision=post.latest_revision)
    comment_news.edited(post, said, by=user)


def _hold_open(comment: Comment) -> None:
    """Until the transaction ends nobody resolves or deletes the comment. Raises Problem where somebody has."""
    found = Comment.objects.select_for_update().only("resolved_at").filter(pk=comment.pk).first()
    if found is None:
        raise NotFound(_("There is no such comment on this post."))
    if found.resolved_at:
        raise Conflict(_("This comment is resolved. Write a new one."))


@transaction.atomic
def resolve(post, comment: Comment, *, user) -> None:
    """Says that it is dealt with: whoever wrote the comment, and those who may write. Again changes nothing."""
    if not may_resolve(post, comment, user):
        raise Forbidden(_("Only its author and those who may write can resolve a comment."))
    now = clock.now()
    if Comment.objects.filter(pk=comment.pk, resolved_at=None).update(resolved_at=now, resolved_by=user):
        comment.resolved_at, comment.resolved_by = now, user
        comment.log_resolve(user=user, page_revision=post.latest_revision)
        comment_news.resolved(post, comment, by=user)


def may_resolve(post, comment: Comment, user) -> bool:
    mine = comment.user_id == user.pk and may(user, Action.COMMENT, organization=post.organization)
    return mine or may(user, Action.WRITE, organization=post.organization)


@transaction.atomic
def delete(post, said: Comment | CommentReply, *, user) -> None:
    """Takes back what one has said oneself; a comment goes with its replies."""
    require(user, Action.COMMENT, organization=post.organization)
    if said.user_id != user.pk:
        raise Forbidden(_("Only whoever wrote it can delete it."))
    said.log_delete(user=user, page_revision=post.latest_revision)
    comment_news.deleted(post, said, by=user)
    said.delete()


def comment_of(post, pk: int) -> Comment:
    """The comment on this post. Raises NotFound."""
    comment = comments_on(post).filter(pk=pk).first()
    if comment is None:
        raise NotFound(_("This comment is not there any more."))
    return comment


def mentions_of(user, organization, *, limit: int = 6) -> list[Comment]:
    """Open comments that name `user`, the latest first, until they are resolved or `user` has answered."""
    named = Q()
    for name in {str(user), user.email}:
        named |= Q(text__icontains=f"@{name}")
    told = CommentReply.objects.filter(named, comment=OuterRef("pk")).exclude(user=user)
    mine = CommentReply.objects.filter(comment=OuterRef("pk"), user=user)
    found = (
        Comment.objects.filter(page__organization=organization, resolved_at=None)
        .filter((named & ~Q(user=user)) | Exists(told))
        .exclude(Exists(mine.exclude(Exists(_later_mention(named, user)))))
        .select_related("page", "user")
        .order_by("-created_at")[: limit * 3]
    )
    return _that_name(user, organization, list(found))[:limit]


def _later_mention(named: Q, user):
    """Replies that name `user` after their own reply in the same conversation."""
    return CommentReply.objects.filter(
        named, comment=OuterRef("comment"), created_at__gt=OuterRef("created_at")
    ).exclude(user=user)


def _that_name(user, organization, comments: list[Comment]) -> list[Comment]:
    """Without those that name somebody else whose name only begins like this one."""
    if not comments:
        return []
    people = list(User.objects.filter(is_active=True, memberships__organization=organization))
    texts = {each.pk: [each.text] if each.user_id != user.pk else [] for each in comments}
    for reply in CommentReply.objects.filter(comment__in=comments).exclude(user=user):
        texts[reply.comment_id].append(reply.text)
    return [each for each in comments if any(user in mentioned_in(text, people) for text in texts[each.pk])]


def _said(text: str) -> str:
    text = text.strip()
    if not text:
        raise Problem(_("Write a comment first."))
    if len(text) > LONGEST:
        raise Problem(_("A comment has at most %(most)d characters.") % {"most": LONGEST})
    return text
