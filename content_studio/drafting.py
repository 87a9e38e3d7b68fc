"""How a post begins and how its next revision is written, whoever writes: the form, the API or a provider."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.delete_page import DeletePageAction

from organizations.problems import Conflict, NotFound
from organizations.roles import Action, require
from publishing.models import Delivery
from publishing.scheduling import cancel_deliveries

from .inserting import insert_post
from .models import SocialPost, Workspace


def segment(text: str, *, media=(), link=None, poll=None) -> dict:
    """One segment as `SocialPost.body` takes it: plain values, pictures and documents by their rows."""
    return {"text": text, "media": list(media), "link": [link] if link else [], "poll": [poll] if poll else []}


def override(network: str, *, segments=(), first_comment: str = "", leave_out=()) -> tuple:
    """What the post says differently on one network, as a block of `SocialPost.body`."""
    value = {
        "network": network,
        "segments": [("segment", each) for each in segments],
        "first_comment": first_comment,
        "leave_out": list(leave_out),
    }
    return ("override", value)


def first_comment(text: str) -> list[tuple]:
    """The comment that goes below the post, as blocks of `SocialPost.body`; none for an empty one."""
    return [("first_comment", text)] if text.strip() else []


@transaction.atomic
def create_draft(*, organization, user, **content) -> SocialPost:
    """A new post below the organization's workspace, with its first revision written by `user`.

    Takes what `place_draft` takes. Raises Forbidden if the person may not write.
    """
    require(user, Action.WRITE, organization=organization)
    return place_draft(organization=organization, user=user, **content)


def place_draft(
    *, organization, user, segments, rest=(), channels=(), title: str = "", language: str = "", link_tags: str = ""
) -> SocialPost:
    """`create_draft` for a process that has asked for the role, inside of its own transaction.

    `segments` is a list of what `segment()` gives, `rest` the body's blocks of
    other types. The post's `latest_revision` is what was written.
    """
    # Two posts that begin at the same moment would be given one place in the tree.
    workspace = Workspace.objects.select_for_update().filter(organization=organization).first()
    if workspace is None:
        raise NotFound(_("This organization has no workspace. Ask an operator to repair it."))
    post = SocialPost(
        language=language or organization.locale,
        title=title,
        link_tags=link_tags,
    )
    post.body = [*(("segment", each) for each in segments), *rest]
    post.title = title or post.first_words
    insert_post(post, below=workspace, user=user, channels=channels)
    return post


@transaction.atomic
def revise(post: SocialPost, *, user, **changes) -> SocialPost:
    """A new revision of `post` with `changes` on top of the newest.

    They are `title`, `language`, `link_tags`, `channels`, and the parts of the body:
    `segments` as `segment()` gives them, `first_comment` (a text) and
    `overrides` as `override()` gives them. The new revision is a draft of
    its own; `edit_notice` of the answer says what became of an approved or
    scheduled one. Raises Forbidden if the person may not write.
    """
    require(user, Action.WRITE, organization=post.organization)
    # Not from the post at hand: somebody may have written a newer revision before the lock was ours.
    newest = SocialPost.objects.select_for_update(of=("self",)).get(pk=post.pk).get_latest_revision_as_object()
    named = newest.has_own_name
    if changes.keys() & {"segments", "first_comment", "overrides"}:
        parts = {
            kind: [(block.block_type, block.value) for block in newest.body if block.block_type == kind]
            for kind in ("segment", "first_comment", "override")
        }
        if "segments" in changes:
            parts["segment"] = [("segment", each) for each in changes["segments"]]
        if "first_comment" in changes:
            parts["first_comment"] = first_comment(changes["first_comment"])
        if "overrides" in changes:
            parts["override"] = list(changes["overrides"])
        newest.body = [block for blocks in parts.values() for block in blocks]
    if "channels" in changes:
        newest.channels.set(changes["channels"])
    for name in ("title", "language", "link_tags"):
        if name in changes:
            setattr(newest, name, changes[name])
    if "title" not in changes and not named:
        newest.title = newest.first_words
    if not newest.live:
        newest.save()  # lists and search read the row; until it is published the newest draft is what they show
    newest.save_revision(user=user, changed=True, log_action=True)
    return newest


@transaction.atomic
def restore_revision(post: SocialPost, revision, *, user) -> SocialPost:
    """A new revision with the content of an earlier one. Raises Forbidden if the person may not write."""
    require(user, Action.WRITE, organization=post.organization)
    SocialPost.objects.select_for_update(of=("self",)).only("pk").get(pk=post.pk)
    restored = revision.as_object()
    if not restored.live:
        restored.save()
    restored.save_revision(user=user, previous_revision=revision, changed=True, log_action=True)
    return restored


def besides_segments(post: SocialPost) -> list[tuple]:
    """The first comment and what is different on single networks, as `create_draft` takes them."""
    return [(block.block_type, block.value) for block in post.body if block.block_type != "segment"]


def duplicate_post(post: SocialPost, *, user) -> SocialPost:
    """A new draft with the newest content of `post`; its plan, approval and history stay with the original."""
    newest = post.get_latest_revision_as_object()
    return create_draft(
        organization=post.organization,
        user=user,
        segments=newest.segments,
        rest=besides_segments(newest),
        channels=list(newest.channels.all()),
        title=newest.title if newest.has_own_name else "",
        language=newest.language,
        link_tags=newest.link_tags,
    )


@transaction.atomic
def delete_post(post: SocialPost, *, user) -> None:
    """Deletes the post and cancels what has not gone out; what is published stays on the networks.

    Raises Forbidden if the person may not write, or may not publish where
    something is scheduled, and Conflict while something is being sent.
    """
    require(user, Action.WRITE, organization=post.organization)
    SocialPost.objects.select_for_update(of=("self",)).only("pk").get(pk=post.pk)
    states = set(Delivery.objects.filter(post_id=post.uuid).values_list("state", flat=True))
    if states & {Delivery.State.SENDING, Delivery.State.UNKNOWN}:
        raise Conflict(_("This post is being sent at this moment. Wait until its outcome is known, then delete it."))
    if states & set(Delivery.WAITING):
        require(user, Action.PUBLISH, organization=post.organization)
        cancel_deliveries(post_id=post.uuid)
    DeletePageAction(post, user).execute(skip_permission_checks=True)
