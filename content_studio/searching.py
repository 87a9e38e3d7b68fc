"""Finds posts by what they say, in the list and in the API alike."""

import re

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
# What stands in stored JSON as it stands in the text. Where it does not occur, nothing need be taken apart.
_UNESCAPED = re.compile(r"[!#-.0-\[\]-~]+")


def saying(posts, words: str):
    """Those of `posts` whose newest version has every word in its title, texts, links or descriptions."""
    stored = Coalesce(KeyTextTransform("body", "latest_revision__content"), Cast("body", TextField()))
    posts = posts.alias(stored=stored, said=_said(Cast(stored, JSONField())))
    for word in words.split():
        said = Q(said__icontains=word)
        if plain := max(_UNESCAPED.findall(word), key=len, default=""):
            said = Q(stored__icontains=plain) & said
        posts = posts.filter(Q(draft_title__icontains=word) | said)
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
