"""What a post is called in lists, when nobody gave it a name."""

from django.utils.translation import gettext as _

TITLE_LENGTH = 60


def title_from(text: str) -> str:
    """The first words of a post on one line, cut at a word. Never empty."""
    words = " ".join(text.split())
    if not words:
        return _("Untitled post")
    if len(words) <= TITLE_LENGTH:
        return words
    beginning = words[: TITLE_LENGTH - 1]
    return (beginning.rsplit(" ", 1)[0] or beginning).rstrip(" .,;:–-") + "…"
