"""What becomes of an approved or scheduled version when somebody edits the post: what its organization chose.

`SocialPost.save_revision` asks here, so that the editor, the API and restoring
an earlier version all do the same and say the same.
"""

from django.utils.translation import gettext as _

from organizations.models import Organization
from publishing import scheduling
from publishing.models import Delivery
from webhooks.events import EventType

from .messages import messages_for
from .models import SocialPost
from .states import refresh_state
from .telling import tell

Standing = SocialPost.State  # APPROVED or SCHEDULED, where an edit touches something that people agreed on


def takes_back(organization) -> bool:
    return organization.edits_of_approved == Organization.EditsOfApproved.TAKE_BACK


def standing_of(post) -> Standing | None:
    """What an edit of `post` would touch now: SCHEDULED, APPROVED, or None for a mere draft."""
    if not post.pk or not post.latest_revision_id:
        return None
    if _waiting(post).exists():
        return Standing.SCHEDULED
    draft_state = SocialPost.objects.values_list("draft_state", flat=True).get(pk=post.pk)
    if post.organization.approval_required and draft_state == Standing.APPROVED:
        return Standing.APPROVED
    return None


def hold(post) -> None:
    """Nobody schedules or edits `post` at the same time where an edit may take it back."""
    if post.pk and takes_back(post.organization):
        SocialPost.objects.select_for_update(of=("self",)).only("pk").get(pk=post.pk)


def warning(post) -> str:
    """What to tell somebody before they edit `post`; empty where an edit touches nothing."""
    standing = standing_of(post)
    if standing is None:
        return ""
    if takes_back(post.organization):
        if standing == Standing.APPROVED:
            return _("This version is approved. Saving a change takes it back: the post has to be reviewed again.")
        if post.organization.approval_required:
            return _(
                "This post is scheduled. Saving a change takes it off the schedule: "
                "it has to be reviewed and scheduled again."
            )
        return _("This post is scheduled. Saving a change takes it off the schedule: it has to be scheduled again.")
    if standing == Standing.APPROVED:
        return _("This version is approved. Saving a change starts a new draft, which needs an approval of its own.")
    if _waiting(post).filter(revision_id=post.latest_revision_id).exists():
        return _("This post is scheduled. Saving a change starts a new draft; what is scheduled stays as it is.")
    return ""


def follow_edit(post, standing: Standing | None, *, user) -> str:
    """Does what the organization chose after a new revision of a post that stood at `standing`, and says it.

    Empty where nothing was touched. An edit that changes nothing of what goes
    out, such as another label, leaves the schedule alone.
    """
    if standing is None:
        return ""
    if not takes_back(post.organization):
        if standing == Standing.SCHEDULED:
            return _("Saved as a new draft. What is scheduled stays as it was approved, and goes out as planned.")
        return _("Saved as a new draft, which needs approval. The approved version is kept.")
    if standing == Standing.APPROVED:
        return _("Saved, and taken back: the new version has to be reviewed before it can be scheduled.")
    if not _changes_what_goes_out(post):
        return ""
    if not scheduling.cancel_deliveries(post_id=post.uuid):
        return _("Saved as a new draft. What was scheduled has just left and cannot be taken back.")
    tell(refresh_state(post), EventType.POST_UNSCHEDULED, user=user)
    if post.organization.approval_required:
        return _("Saved, and taken off the schedule: the new version has to be reviewed and scheduled again.")
    return _("Saved, and taken off the schedule: the new version has to be scheduled again.")


def _waiting(post):
    return post.deliveries.filter(state__in=[*Delivery.WAITING, Delivery.State.HELD], remote_id="")


def _changes_what_goes_out(post) -> bool:
    newest = {
        channel.pk: message.content_hash()
        for channel, message in messages_for(post.get_latest_revision_as_object()).items()
    }
    waiting = dict(_waiting(post).values_list("channel_id", "content_hash"))
    return any(newest.get(channel) != content for channel, content in waiting.items())
