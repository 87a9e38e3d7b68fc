"""What posts do when something happened to them elsewhere: in the engine, in Wagtail's review, in the page tree.

A receiver only stores and enqueues: publishing a page takes a fifth of a
second, and what goes out must not wait for it.
"""

from django.db import transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django_q.tasks import async_task
from wagtail.models import WorkflowState
from wagtail.signals import workflow_approved, workflow_cancelled, workflow_rejected, workflow_submitted

from publishing import scheduling
from publishing.models import Delivery
from publishing.signals import deliveries_moved, delivery_finished
from webhooks.events import EventType

from .models import SocialPost
from .states import refresh_state
from .telling import tell

NEWS_OF_STATE = {
    SocialPost.State.PUBLISHED: EventType.POST_PUBLISHED,
    SocialPost.State.FAILED: EventType.POST_FAILED,
}


@receiver(delivery_finished)
def follow_delivery(delivery, **kwargs):
    """Brings the post's state up to date, and its page live with the first delivery that is out."""
    with transaction.atomic():
        post = SocialPost.objects.filter(uuid=delivery.post_id).select_for_update(of=("self",)).first()
        if post is None:  # a delivery outlives its page
            return
        before = post.state
        refresh_state(post)
        if post.state != before and post.state in NEWS_OF_STATE:
            tell(post, NEWS_OF_STATE[post.state])
    if delivery.state == Delivery.State.PUBLISHED and post.live_revision_id != delivery.revision_id:
        transaction.on_commit(
            lambda: async_task("content_studio.tasks.show_as_published", post.pk, delivery.revision_id)
        )


@receiver(deliveries_moved)
def follow_move(deliveries, **kwargs):
    """The plan of a post that missed its time says when it goes out now: the first of its channels."""
    first: dict = {}
    for delivery in deliveries:
        earlier = first.setdefault(delivery.post_id, delivery)
        first[delivery.post_id] = min(earlier, delivery, key=lambda each: each.due_at)
    for post in SocialPost.objects.filter(uuid__in=first).select_for_update(of=("self",)).order_by("pk"):
        post.planned_local, post.planned_timezone = first[post.uuid].local_time, first[post.uuid].timezone
        SocialPost.objects.filter(pk=post.pk).update(
            planned_local=post.planned_local, planned_timezone=post.planned_timezone
        )
        tell(refresh_state(post), EventType.POST_SCHEDULED)


def show_as_published(post_id: int, revision_id: int) -> None:
    """Makes the revision that went out the page's live one, so that its history shows it. Again changes nothing."""
    with transaction.atomic():
        post = SocialPost.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
        if post is None or post.live_revision_id == revision_id:
            return
        revision = post.revisions.filter(pk=revision_id).first()
        if revision is not None:
            revision.publish(user=None, skip_permission_checks=True)


@receiver([workflow_submitted, workflow_approved, workflow_rejected, workflow_cancelled], sender=WorkflowState)
def follow_review(instance, **kwargs):
    """Whoever moved the review on: the studio, the API or a page of Wagtail's."""
    post = SocialPost.objects.filter(pk=instance.object_id).first()
    if post is not None:
        refresh_state(post)


@receiver(pre_delete, sender=SocialPost)
def take_back_what_waits(instance, **kwargs):
    """A deleted post does not go out."""
    scheduling.cancel_deliveries(post_id=instance.uuid)
    tell(instance, EventType.POST_DELETED)
