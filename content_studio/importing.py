"""Posts from a table: check it, import it in the background, undo it as a whole.

Each row is a transaction of its own that also says that the row is done: a
worker that is killed goes on where it stopped, and makes no post twice.
"""

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django_q.tasks import async_task
from wagtail.log_actions import log

from organizations.access import working_for
from organizations.problems import Conflict, Problem
from organizations.roles import Action, require

from . import drafting, planning, sorting
from .import_rows import Reader, Understood, columns_of
from .imports import ImportRow, PostImport
from .labels import Campaign, Label
from .models import SocialPost
from .tables import UnreadableTable, read_table

State = PostImport.State


@transaction.atomic
def check_table(organization, *, user, content: bytes, name: str) -> PostImport:
    """Reads a CSV or XLSX file and says of each row what it would make, or what is wrong. Makes no post.

    Raises UnreadableTable for a file that is none, or that lacks the column `text`.
    """
    require(user, Action.WRITE, organization=organization)
    heading, *rows = read_table(content, name=name)
    columns = columns_of(heading)
    if "text" not in columns.values():
        raise UnreadableTable(
            _("There is no column “text”. The first row names the columns: take the template to begin with.")
        )
    if not rows:
        raise UnreadableTable(_("There is nothing below the heading."))
    reader = Reader(organization)
    made = PostImport.objects.create(organization=organization, name=name[:200] or _("Table"), made_by=user)
    found = []
    for number, row in enumerate(rows, start=2):
        values = {columns[place]: cell for place, cell in enumerate(row) if place in columns}
        understood = reader.understand(values)
        found.append(
            ImportRow(
                post_import=made,
                number=number,
                values=values,
                state=ImportRow.State.WRONG if understood.problems else ImportRow.State.READY,
                problems=understood.problems,
                notes=understood.notes,
            )
        )
    ImportRow.objects.bulk_create(found, batch_size=500)
    return made


@transaction.atomic
def start_import(post_import: PostImport, *, user, submits: bool = False) -> PostImport:
    """Imports the rows that are ready, in the background. Raises Conflict if it was started already."""
    require(user, Action.WRITE, organization=post_import.organization)
    if submits:
        require(user, Action.SUBMIT, organization=post_import.organization)
    post_import = _move(post_import, {State.CHECKED}, State.RUNNING)
    if not post_import.rows.filter(state=ImportRow.State.READY).exists():
        raise Conflict(_("No row of this table can be imported. Correct it and upload it again."))
    post_import.submits, post_import.made_by = submits, user
    post_import.save()
    log(post_import.organization, "content_studio.import", user=user, data={"name": post_import.name})
    transaction.on_commit(lambda: async_task("content_studio.tasks.run_import", str(post_import.pk)))
    return post_import


@transaction.atomic
def undo_import(post_import: PostImport, *, user) -> PostImport:
    """Deletes what the import made, in the background; posts that somebody edited or that went out are kept."""
    require(user, Action.WRITE, organization=post_import.organization)
    post_import = _move(post_import, {State.DONE}, State.UNDOING)
    log(post_import.organization, "content_studio.undo_import", user=user, data={"name": post_import.name})
    transaction.on_commit(lambda: async_task("content_studio.tasks.undo_import", str(post_import.pk), str(user.pk)))
    return post_import


def run_import(pk: str) -> int:
    """Makes the posts of all rows that are still ready; says how many. Runs in a worker."""
    post_import = PostImport.objects.select_related("organization", "made_by").get(pk=pk)
    if post_import.state != State.RUNNING:
        return 0
    count = 0
    with working_for(post_import.organization):
        reader = Reader(post_import.organization)
        for row_id in list(post_import.rows.filter(state=ImportRow.State.READY).values_list("pk", flat=True)):
            with transaction.atomic():
                row = ImportRow.objects.select_for_update().get(pk=row_id)
                if row.state == ImportRow.State.READY:
                    _make(row, reader, post_import)
                    count += row.state == ImportRow.State.DONE
        PostImport.objects.filter(pk=pk, state=State.RUNNING).update(state=State.DONE)
    return count


def run_undo(pk: str, user) -> int:
    """Deletes the posts of an import, each for itself; says how many. Runs in a worker."""
    post_import = PostImport.objects.select_related("organization").get(pk=pk)
    if post_import.state != State.UNDOING:
        return 0
    count = 0
    with working_for(post_import.organization):
        for row in post_import.rows.filter(state=ImportRow.State.DONE).select_related("post__organization"):
            row.state, row.problems = _undone(row.post, row.revision_id, user)
            if row.state == ImportRow.State.UNDONE:
                row.post = None
                count += 1
            row.save()
        PostImport.objects.filter(pk=pk).update(state=State.UNDONE)
    return count


def with_progress(imports):
    """The imports with the numbers that `progress_of` gives, for a list."""
    return imports.annotate(
        **{f"rows_{state}": Count("rows", filter=Q(rows__state=state)) for state in ImportRow.State.values}
    )


def progress_of(post_import: PostImport) -> dict[str, int]:
    """How many rows there are in each state. One query, or none for an import of `with_progress`."""
    if hasattr(post_import, f"rows_{ImportRow.State.values[0]}"):
        return {state: getattr(post_import, f"rows_{state}") for state in ImportRow.State.values}
    counted = post_import.rows.order_by().values_list("state").annotate(count=Count("pk"))
    return dict.fromkeys(ImportRow.State.values, 0) | dict(counted)


def _move(post_import, before, after) -> PostImport:
    post_import = PostImport.objects.select_for_update(of=("self",)).get(pk=post_import.pk)
    if post_import.state not in before:
        raise Conflict(
            _("This import is in the state “%(state)s”: that is not possible now.")
            % {"state": post_import.get_state_display()}
        )
    post_import.state = after
    post_import.save(update_fields=["state"])
    return post_import


def _make(row: ImportRow, reader: Reader, post_import: PostImport) -> None:
    understood = reader.understand(row.values)
    try:
        if understood.problems:
            raise Problem(" ".join(understood.problems))
        with transaction.atomic():
            post = _write(understood, post_import)
    except Problem as problem:
        row.state, row.problems = ImportRow.State.FAILED, [problem.detail]
    else:
        row.state, row.post, row.revision_id = ImportRow.State.DONE, post, post.latest_revision_id
    row.save()


def _write(row: Understood, post_import: PostImport) -> SocialPost:
    organization, user = post_import.organization, post_import.made_by
    link = {"url": row.link, "title": "", "description": "", "image": None} if row.link else None
    media = [("image", {"image": row.image, "alt": row.alt, "decorative": False})] if row.image else []
    first, *others = row.texts
    segments = [drafting.segment(first, media=media, link=link), *(drafting.segment(text) for text in others)]
    made = drafting.create_draft(
        organization=organization,
        user=user,
        segments=segments,
        channels=row.channels,
        title=row.title,
        language=row.language,
    )
    post = SocialPost.objects.select_related("organization").get(pk=made.pk)
    changes: dict = {}
    if row.campaign:
        changes["campaign"] = _named(Campaign, organization, row.campaign)
    if row.labels:
        changes["labels"] = [_named(Label, organization, name) for name in row.labels]
    if changes:
        sorting.sort_post(post, user=user, **changes)
    if row.local_time:
        planning.plan_post(post, local_time=row.local_time, timezone=row.timezone, user=user)
    if post_import.submits:
        planning.submit_post(post, user=user)
    return post


def _named(model, organization, name: str):
    found = model.objects.filter(organization=organization, name__iexact=name).first()
    return found or model.objects.create(organization=organization, name=name)


def _undone(post: SocialPost | None, revision_id, user) -> tuple[str, list[str]]:
    if post is None:
        return ImportRow.State.UNDONE, [_("It was deleted already.")]
    if post.latest_revision_id != revision_id:
        return ImportRow.State.KEPT, [_("Somebody edited it since: kept.")]
    if post.state not in SocialPost.OF_A_DRAFT or post.deliveries.exists():
        return ImportRow.State.KEPT, [_("It is scheduled or has gone out: kept.")]
    try:
        drafting.delete_post(post, user=user)
    except Problem as problem:
        return ImportRow.State.KEPT, [problem.detail]
    return ImportRow.State.UNDONE, []
