"""Posts for tests and for demo data."""

from .drafting import create_draft, segment
from .models import SocialPost
from .reviewing import approve_post, submit_post


def make_post(organization, *, user, text="Our new kettle boils in a minute.", channels=(), **kwargs) -> SocialPost:
    """A draft, written by `user`."""
    draft = create_draft(organization=organization, user=user, segments=[segment(text)], channels=channels, **kwargs)
    return SocialPost.objects.get(pk=draft.pk)


def make_approved(organization, *, user, approver, **kwargs) -> SocialPost:
    """A post that `approver` approved as `user` wrote it."""
    post = make_post(organization, user=user, **kwargs)
    submit_post(post, user=user)
    approve_post(post, user=approver)
    return SocialPost.objects.get(pk=post.pk)
