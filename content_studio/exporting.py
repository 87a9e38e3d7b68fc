"""Posts as a table: the columns that an import takes, and where each post stands."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from organizations.problems import Problem
from organizations.spreadsheets import write_csv

from .models import SocialPost
from .tables import write_xlsx

COLUMNS = [
    "text", "channels", "planned", "timezone", "link", "image", "alt", "title", "campaign", "labels", "language",
    "state", "author", "edited", "id",
]  # fmt: skip
MOST = 10_000
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_posts(posts, *, kind: str):
    """The posts of a queryset as (content, content type); CSV comes in pieces. At most 10,000 posts."""
    if kind not in KINDS:
        raise Problem(_("A table can be had as csv or as xlsx."))
    rows = rows_of(posts)
    return (write_csv(COLUMNS, rows) if kind == "csv" else write_xlsx(COLUMNS, rows)), KINDS[kind]


def rows_of(posts) -> Iterator[list[str]]:
    """A row of texts for each post, as its newest revision says it; five queries for every 500 posts."""
    posts = posts.select_related("latest_revision", "owner", "campaign", "organization").prefetch_related(
        "channels", "labels"
    )
    for post in posts[:MOST].iterator(chunk_size=500):
        yield _row(post)


def _row(post: SocialPost) -> list[str]:
    content = SocialPost(pk=post.pk, organization_id=post.organization_id)
    if post.latest_revision:
        content.body = SocialPost._meta.get_field("body").to_python(post.latest_revision.content.get("body") or "[]")
    first = content.segments[0] if content.segments else {}
    link = next(iter(first.get("link") or []), None) if first else None
    picture = next((each for each in (first.get("media") or []) if each.block_type == "image"), None) if first else None
    return [
        "\n---\n".join(content.texts),
        ", ".join(channel.handle or channel.name for channel in post.channels.all()),
        f"{post.planned_local:%Y-%m-%d %H:%M}" if post.planned_local else "",
        (post.planned_timezone or post.organization.timezone) if post.planned_local else "",
        link["url"] if link else "",
        picture.value["image"].title if picture and picture.value["image"] else "",
        picture.value["alt"] if picture else "",
        post.draft_title or post.title,
        post.campaign.name if post.campaign else "",
        ", ".join(label.name for label in post.labels.all()),
        post.latest_revision.content.get("language", post.language) if post.latest_revision else post.language,
        post.state,
        str(post.owner or ""),
        f"{post.latest_revision_created_at:%Y-%m-%d %H:%M}Z" if post.latest_revision_created_at else "",
        str(post.uuid),
    ]
