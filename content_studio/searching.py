"""Finds posts by what they say, in the list and in the API alike.

What the newest version says is kept beside the post as one text: taking ten
thousand stored versions apart for one search took a third of a second.
"""

import json
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization

# The values of texts, links and descriptions, wherever they stand in a body; not the names of its blocks.
SAID = frozenset({"text", "alt", "url", "title", "description", "first_comment", "options"})
BATCH = 500


class PostWords(models.Model):
    """All that the newest version of a post says, folded so that capitals make no difference."""

    post = models.OneToOneField(
        "content_studio.SocialPost", on_delete=models.CASCADE, primary_key=True, related_name="words"
    )
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    revision_id = models.BigIntegerField()  # the version that says it
    text = models.TextField()

    class Meta:
        verbose_name = _("words of a post")
        verbose_name_plural = _("words of posts")

    def __str__(self) -> str:
        return self.text[:50]


def saying(posts, words: str):
    """Those of `posts` whose newest version has every word in its title, texts, links or descriptions.

    They are found first, as one list of ids, and then taken in the order that is asked for. Behind the wall PostgreSQL
    may not use what it knows of a text, expects a handful, and would look each of thousands up one by one.
    """
    said = [Q(text__contains=word.casefold()) for word in words.split()]
    if not said:
        return posts
    found = PostWords.objects.filter(reduce(and_, said))
    return posts.filter(IsAnyOf(F("pk"), ArraySubquery(found.values("pk"))))


class IsAnyOf(models.Func):
    """`pk = ANY (array)`: the array is made once."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = models.BooleanField()


def note_words(posts: Iterable) -> None:
    """Keeps what the newest versions of `posts` say, in one statement. Again changes nothing."""
    PostWords.objects.bulk_create(
        [
            PostWords(
                post_id=post.pk,
                organization_id=post.organization_id,
                revision_id=post.latest_revision_id,
                text=words_of(post.latest_revision.content),
            )
            for post in posts
        ],
        update_conflicts=True,
        unique_fields=["post"],
        update_fields=["revision_id", "text"],
    )


def catch_up() -> int:
    """Notes the words of posts that came here another way than by being saved, and says how many they were.

    Such are those from before there was this table, and those that an older
    version of the product saved while it was being upgraded.
    """
    from .models import SocialPost

    behind = SocialPost.objects.exclude(latest_revision=None).filter(
        Q(words=None) | ~Q(words__revision_id=F("latest_revision_id"))
    )
    noted = 0
    while posts := list(behind.select_related("latest_revision").order_by("pk")[:BATCH]):
        note_words(posts)
        noted += len(posts)
    return noted


def words_of(content: dict) -> str:
    """What the stored `content` of a version says, a line for each text."""
    said = [content.get("title") or ""]
    for block in json.loads(content.get("body") or "[]"):
        said += _texts(block["value"], block["type"])
    return "\n".join(said).casefold()


def _texts(value, name: str) -> Iterator[str]:
    if isinstance(value, str):
        if name in SAID:
            yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    elif isinstance(value, dict):
        if "type" in value and "value" in value:  # an item of a list, which goes by the list's name
            yield from _texts(value["value"], name)
        else:
            for key, each in value.items():
                yield from _texts(each, key)
