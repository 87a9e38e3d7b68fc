"""What sorts a post: its campaign and its labels. They belong to the post as a whole, so no revision comes of it."""

from django.db import transaction

from organizations.roles import Action, require

from .models import SocialPost


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
    return post
