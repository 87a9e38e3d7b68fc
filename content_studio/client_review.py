"""Review by somebody without an account: links are made and revoked, and what a client says is taken in.

The address holds the link's id and a signature that only this installation can
make; expiry and revocation are in the database. What the link shows is the
version that it was made of.
"""

import datetime
import uuid
from collections.abc import Iterable

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from organizations.problems import Conflict, NotFound, Problem
from organizations.roles import Action, require
from webhooks.events import EventType

from . import reviewing
from .models import SocialPost
from .problems import RevisionChanged
from .review_links import LinkedPost, Remark, ReviewLink
from .telling import tell

MOST_POSTS = 50
LONGEST = datetime.timedelta(days=180)
USUAL = datetime.timedelta(days=14)
_signer = Signer(salt="content_studio.review_link")


@transaction.atomic
def make_link(
    organization, *, user, name: str, posts: Iterable[SocialPost], expires_at=None, may_approve: bool = False
) -> ReviewLink:
    """A link to the newest versions of `posts`, for two weeks unless told otherwise. Raises Problem."""
    require(user, Action.APPROVE, organization=organization)
    posts = [post for post in posts if post.organization_id == organization.pk and post.latest_revision_id]
    expires_at = expires_at or clock.now() + USUAL
    if not posts:
        raise Problem(_("Choose at least one post."))
    if len(posts) > MOST_POSTS:
        raise Problem(_("A link shows at most %(most)s posts.") % {"most": MOST_POSTS})
    if not clock.now() < expires_at <= clock.now() + LONGEST:
        raise Problem(_("Choose a day within the next %(days)s days.") % {"days": LONGEST.days})
    link = ReviewLink.objects.create(
        organization=organization, name=name, may_approve=may_approve, expires_at=expires_at, made_by=user
    )
    LinkedPost.objects.bulk_create(
        [LinkedPost(link=link, post=post, revision_id=post.latest_revision_id) for post in posts]
    )
    _log(link, "make_review_link", user, posts=len(posts))
    return link


@transaction.atomic
def renew_link(link: ReviewLink, *, user) -> None:
    """From now on the link shows the newest versions of its posts."""
    require(user, Action.APPROVE, organization=link.organization)
    for linked in link.linked.select_related("post"):
        linked.revision_id = linked.post.latest_revision_id
        linked.save(update_fields=["revision_id"])
    _log(link, "renew_review_link", user)


@transaction.atomic
def revoke_link(link: ReviewLink, *, user) -> None:
    """The address leads nowhere from now on. Again changes nothing."""
    require(user, Action.APPROVE, organization=link.organization)
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        link.save(update_fields=["revoked_at"])
        _log(link, "revoke_review_link", user)


def token_of(link: ReviewLink) -> str:
    return _signer.sign(link.pk.hex).replace(":", ".")


def address_of(link: ReviewLink) -> str:
    """The path of the page that the client opens."""
    return reverse("client_review", args=[token_of(link)])


def link_of(token: str) -> ReviewLink:
    """The link whose address this is, if it works. Raises NotFound, alike for all that do not. Ask outside walls."""
    nothing = NotFound(_("This link does not work, or no longer. Ask whoever sent it for a new one."))
    try:
        pk = uuid.UUID(_signer.unsign(token.replace(".", ":")))
    except (BadSignature, ValueError) as err:
        raise nothing from err
    link = ReviewLink.objects.select_related("organization").filter(pk=pk).first()
    if link is None or not link.works:
        raise nothing
    return link


def may_decide(link: ReviewLink, linked: LinkedPost) -> bool:
    """True if the client's word counts as an approval now: here, and of the version that is shown."""
    stage = reviewing.stage_of(linked.post)
    return bool(link.may_approve and stage and stage.by_link and linked.revision_id == linked.post.latest_revision_id)


@transaction.atomic
def take_remark(link: ReviewLink, linked: LinkedPost, *, kind: str, person: str, text: str = "") -> Remark:
    """Keeps what the client said, and lets an approval or a wish for changes move the review on.

    Raises Conflict where the post does not wait for the client, and
    RevisionChanged where the version shown is no longer the newest.
    """
    person, text = person.strip()[:80], text.strip()[:5000]
    if not person:
        raise Problem(_("Say who you are, so that the team knows who commented."))
    if kind != Remark.Kind.APPROVED and not text:
        raise Problem(_("Write a comment first."))
    linked.post = reviewing.locked(linked.post)
    client = {"name": person, "review_link": {"id": str(link.pk), "name": link.name}}
    if kind != Remark.Kind.COMMENT:
        if linked.revision_id != linked.post.latest_revision_id:
            raise RevisionChanged(_("The team changed this post meanwhile. Ask for a new link to see the new version."))
        if not may_decide(link, linked):
            raise Conflict(_("This post does not wait for your approval now. You can still comment."))
        said = " – ".join(filter(None, [_("%(person)s (%(link)s)") % {"person": person, "link": link.name}, text]))
        reviewing.decide_from_outside(linked.post, approves=kind == Remark.Kind.APPROVED, comment=said, client=client)
    else:
        tell(linked.post, EventType.CLIENT_COMMENTED, client=client, text=text)
    remark = Remark.objects.create(
        link=link, post=linked.post, revision_id=linked.revision_id, kind=kind, person=person, text=text
    )
    _log(link, "client_review", None, person=person, did=remark.get_kind_display(), post=linked.post.draft_title)
    return remark


def _log(link: ReviewLink, action: str, user, **data) -> None:
    log(link.organization, f"content_studio.{action}", user=user, data={"name": link.name, **data})
