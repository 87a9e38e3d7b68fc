"""What django-q2 runs for posts: one line each."""

from organizations.models import User

from . import following, importing, lookups, review_mails, searching
from .models import SocialPost


def show_as_published(post_id: int, revision_id: int) -> None:
    following.show_as_published(post_id, revision_id)


def run_import(pk: str) -> int:
    return importing.run_import(pk)


def undo_import(pk: str, user_id: str) -> int:
    return importing.run_undo(pk, User.objects.get(pk=user_id))


def look_up_links(post_id: int, revision_id: int) -> int:
    return lookups.look_up(SocialPost.objects.filter(pk=post_id).first(), revision_id)


def remind_reviewers() -> int:
    return review_mails.remind_reviewers()


def note_words_of_posts() -> int:
    return searching.catch_up()
