"""Finds posts by what they say, in the list and in the API alike."""

from django.db.models import JSONField, Q, TextField, Value
from django.db.models.expressions import Func
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat

# The values of texts, links and descriptions, wherever they stand in a body; not the names of its blocks.
SAID = (
    "$.**.text",
    "$.**.alt",
    "$.**.url",
    "$.**.title",
    "$.**.description",
    '$[*] ? (@.type == "first_comment").value',
    "$.**.first_comment",
    "$.**.options[*].value",
)


def saying(posts, words: str):
    """Those of `posts` whose newest version has every word in its title, texts, links or descriptions."""
    newest = Cast(KeyTextTransform("body", "latest_revision__content"), JSONField())
    posts = posts.alias(said=_said(Coalesce(newest, Cast("body", JSONField()))))
    for word in words.split():
        posts = posts.filter(Q(draft_title__icontains=word) | Q(said__icontains=word))
    return posts


def _said(body):
    """Everything that a body says, as one text."""
    parts = [
        Cast(Func(body, Cast(Value(path), _Path()), function="jsonb_path_query_array"), TextField()) for path in SAID
    ]
    return Concat(*parts)


class _Path(TextField):
    def db_type(self, connection):
        return "jsonpath"
