"""Tells tools what happens to posts, in the transaction in which it happens."""

from django.conf import settings
from wagtail.log_actions import get_active_log_context

from publishing.localtime import to_utc
from publishing.models.deliveries import revision_uuid
from webhooks.announcing import announce
from webhooks.events import EventType


def tell(post, event_type: EventType, *, user=None, **more) -> None:
    """Announces something about `post`, with what it is like now. `more` says what belongs to the event alone."""
    user = user or get_active_log_context().user  # whoever asked for it, where a signal brings it here
    announce(
        post.organization_id,
        event_type,
        organization_id=str(post.organization_id),
        post=shown(post),
        actor={"id": str(user.pk), "name": str(user)} if user else None,
        **more,
    )


def shown(post) -> dict:
    """Enough to know which post it is and where it stands; the API has the rest."""
    zone = post.planned_timezone or (post.organization.timezone if post.planned_local else "")
    return {
        "id": str(post.uuid),
        "title": post.draft_title or post.title,
        "state": post.state,
        "draft_state": post.draft_state,
        "revision": str(revision_uuid(post.uuid, post.latest_revision_id)) if post.latest_revision_id else None,
        "planned_at": to_utc(post.planned_local, zone).utc.isoformat() if post.planned_local else None,
        "api_url": f"{settings.BASE_URL}/api/v1/posts/{post.uuid}/",
    }
