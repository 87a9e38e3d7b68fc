"""What sorts posts: campaigns and labels. They belong to a post as a whole, so no revision comes of them.

Brand voices are kept here too: like the others they are an organization's own, and named once.
"""

from django.db import transaction
from wagtail.log_actions import log

from organizations.roles import Action, require
from webhooks.events import EventType

from .ai.models import BrandVoice
from .models import SocialPost
from .telling import tell


@transaction.atomic
def sort_post(post: SocialPost, *, user, **changes) -> SocialPost:
    """Puts the post into a `campaign` (or none) and gives it `labels`; what is not named stays.

    Both must be the organization's own. Raises Forbidden if the person may not write.
    """
    require(user, Action.WRITE, organization=post.organization)
    if "campaign" in changes:
        post.campaign = changes["campaign"]
        SocialPost.objects.filter(pk=post.pk).update(campaign=post.campaign)
    if "labels" in changes:
        # On a row as it is stored: an edited page keeps its relations in memory.
        SocialPost.objects.get(pk=post.pk).labels.set(changes["labels"])
    if changes:
        tell(post, EventType.POST_UPDATED, user=user)
    return post


@transaction.atomic
def keep(row, *, user):
    """Saves a label, campaign or brand voice that was checked, and notes it in the log."""
    _require(row, user)
    is_new = row._state.adding
    row.save()
    log(row, "wagtail.create" if is_new else "wagtail.edit", user=user)
    return row


@transaction.atomic
def remove(row, *, user) -> None:
    """Deletes a label, campaign or brand voice. Posts stay as they are, without it."""
    _require(row, user)
    log(row, "wagtail.delete", user=user)
    row.delete()


def _require(row, user) -> None:
    action = Action.MANAGE_SETTINGS if isinstance(row, BrandVoice) else Action.WRITE
    require(user, action, organization=row.organization)
