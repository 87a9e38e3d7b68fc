"""Where a post stands, derived from its review, its approval and its deliveries, and stored for lists."""

from wagtail.models import TaskState, WorkflowState

from publishing.models import Delivery

from .models import SocialPost

State = SocialPost.State
UNDERWAY = tuple(state for state in Delivery.State if state not in Delivery.FINAL)


def derive(*, deliveries, review: str | None, latest: int | None, approved: int | None) -> tuple[State, State]:
    """The state of the post as a whole, and that of its newest revision.

    `deliveries` is (channel, revision, delivery state), newest first; `review` is
    the status of the current workflow state, if any; `latest` and `approved` are
    ids of revisions. The two answers differ when a newer draft exists beside
    what is scheduled or published.
    """
    if review == WorkflowState.STATUS_IN_PROGRESS:
        draft = State.IN_REVIEW
    elif review == WorkflowState.STATUS_NEEDS_CHANGES:
        draft = State.CHANGES_REQUESTED
    elif latest is not None and approved == latest:
        draft = State.APPROVED
    else:
        draft = State.DRAFT

    newest_by_channel: dict = {}
    for channel, revision, state in deliveries:
        if state != Delivery.State.CANCELLED:
            newest_by_channel.setdefault(channel, (revision, state))
    if not newest_by_channel:
        return draft, draft

    states = {state for _revision, state in newest_by_channel.values()}
    if Delivery.State.FAILED in states:
        whole = State.FAILED
    elif states & set(UNDERWAY):
        whole = State.SCHEDULED
    else:
        whole = State.PUBLISHED
    is_newest = any(revision == latest for revision, _state in newest_by_channel.values())
    return whole, (whole if is_newest else draft)


def refresh_state(post: SocialPost) -> SocialPost:
    """Derives the state of `post` anew and stores it; tells nobody. Returns the same `post`, updated."""
    current = SocialPost.objects.filter(pk=post.pk).values("latest_revision_id", "approved_revision_id").get()
    review = WorkflowState.objects.for_instance(post).active().values_list("status", flat=True).first()
    deliveries = (
        Delivery.objects.filter(post_id=post.uuid)
        .order_by("-created_at", "-pk")
        .values_list("channel_id", "revision_id", "state")
    )
    post.state, post.draft_state = derive(
        deliveries=list(deliveries),
        review=review,
        latest=current["latest_revision_id"],
        approved=current["approved_revision_id"],
    )
    SocialPost.objects.filter(pk=post.pk).update(state=post.state, draft_state=post.draft_state)
    return post


def is_bound(post: SocialPost, revision) -> bool:
    """True once somebody reviewed, approved or scheduled `revision`: it must never change again."""
    return (
        revision.pk in (post.approved_revision_id, post.live_revision_id)
        or TaskState.objects.filter(revision=revision).exists()
        or post.deliveries.filter(revision_id=revision.pk).exists()
    )


def follow_new_revision(post: SocialPost, revision) -> None:
    """A post that is edited while in review is reviewed anew, as it is now."""
    TaskState.objects.for_instance(post).filter(
        status=TaskState.STATUS_IN_PROGRESS, workflow_state__status=WorkflowState.STATUS_IN_PROGRESS
    ).update(revision=revision)
    refresh_state(post)
