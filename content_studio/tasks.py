"""What django-q2 runs for posts: one line each."""

from . import following


def show_as_published(post_id: int, revision_id: int) -> None:
    following.show_as_published(post_id, revision_id)
