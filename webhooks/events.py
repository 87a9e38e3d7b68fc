"""What an organization's tools can be told of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventType(models.TextChoices):
    """Names are stable: they are part of the API."""

    POST_CREATED = "post.created", _("A post was begun")
    POST_UPDATED = "post.updated", _("A post has a new revision, or is sorted anew")
    POST_SUBMITTED = "post.submitted", _("A post was submitted for review")
    POST_WITHDRAWN = "post.withdrawn", _("A post was taken back from review")
    POST_APPROVED = "post.approved", _("A post was approved at a stage of its review")
    POST_CHANGES_REQUESTED = "post.changes_requested", _("A reviewer asked for changes")
    POST_PLANNED = "post.planned", _("Somebody noted when a post is to go out; nothing is scheduled by it")
    POST_SCHEDULED = "post.scheduled", _("A post was scheduled, or moved to another time")
    POST_UNSCHEDULED = "post.unscheduled", _("What was scheduled of a post was taken back")
    POST_PUBLISHED = "post.published", _("A post is out on all its channels")
    POST_FAILED = "post.failed", _("A post did not go out on a channel")
    POST_DELETED = "post.deleted", _("A post was deleted")
    COMMENT_CREATED = "comment.created", _("Somebody commented on a post")
    COMMENT_REPLIED = "comment.replied", _("Somebody answered a comment")
    COMMENT_EDITED = "comment.edited", _("Somebody changed the words of their comment")
    REPLY_EDITED = "comment.reply_edited", _("Somebody changed the words of their answer to a comment")
    COMMENT_RESOLVED = "comment.resolved", _("A comment was resolved")
    COMMENT_DELETED = "comment.deleted", _("A comment was deleted")
    REPLY_DELETED = "comment.reply_deleted", _("An answer to a comment was deleted")
    CLIENT_COMMENTED = "client.commented", _("A client commented on a post by a review link")
    DELIVERY_SCHEDULED = "delivery.scheduled", _("A copy is planned for its channel, or moved to another time")
    DELIVERY_SENDING = "delivery.sending", _("A copy is being sent to its channel")
    DELIVERY_RETRYING = "delivery.retrying", _("A copy could not be sent and is tried again")
    DELIVERY_PUBLISHED = "delivery.published", _("A copy is out on its channel")
    DELIVERY_FAILED = "delivery.failed", _("A copy did not go out: somebody has to act")
    DELIVERY_UNKNOWN = "delivery.unknown", _("It is not known whether a copy went out")
    DELIVERY_HELD = "delivery.held", _("A copy missed its time and waits for a decision")
    DELIVERY_CANCELLED = "delivery.cancelled", _("A copy was called off")
    CHANNEL_CONNECTED = "channel.connected", _("A channel was connected, or connected again")
    CHANNEL_RENAMED = "channel.renamed", _("A channel has another name")
    CHANNEL_SUSPENDED = "channel.suspended", _("Nothing leaves through a channel until it is resumed")
    CHANNEL_RESUMED = "channel.resumed", _("A channel publishes again")
    CHANNEL_DISCONNECTED = "channel.disconnected", _("A channel was disconnected")
    CHANNEL_EXPIRING = "channel.expiring", _("A channel's authorization ends in days, and only a person can renew it")
    CHANNEL_NEEDS_RECONNECT = "channel.needs_reconnect", _("A channel has to be connected again")
    PUBLISHING_SUSPENDED = "publishing.suspended", _("Nothing of the organization leaves until it is resumed")
    PUBLISHING_RESUMED = "publishing.resumed", _("What the organization publishes leaves again")
    USAGE_WARNING = "usage.warning", _("Tokens run low, or have run out")
    TEST = "webhook.test", _("Somebody tries the webhook out")


# Everything that can be chosen: a test is only ever sent to the endpoint that is tried out.
CHOOSABLE = [(each.value, each.label) for each in EventType if each != EventType.TEST]
