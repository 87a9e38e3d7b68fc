# ruff: noqa: S608  the SQL is made of names from the code, and holds nothing from outside
"""All of an organization's data as one archive: what is asked for here is made in the background.

What goes in follows from the models (`belongings`): one JSON file for each,
and the media as they were uploaded. Secrets never do: digests, tokens and
sign-in data are left out by the kind and the name of their field.
"""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import PurePosixPath

import structlog
from django.conf import settings
from django.core.files import File
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, connection, models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task
from wagtail.log_actions import log

from . import mails
from .belongings import Belongings, belongings_of
from .models import Export, LibraryDocument, LibraryImage, Organization, User
from .policies import STAMP, STRIPE
from .problems import Conflict, NotFound
from .roles import Action, may, require
from .walls import outside_walls

logger = structlog.get_logger(__name__)

State = Export.State
GIVEN_UP_AFTER = timedelta(hours=2)  # an export that a stopped worker has left
MOST_SECONDS = 3600  # to make one
LINK_SECONDS = 3600
_signer = TimestampSigner(salt="organizations.export")

# Tables of the machinery: copies of what is exported already, or nothing of the organization's own making.
LEFT_OUT = {
    "auth_group": "how roles are kept",
    "auth_group_permissions": "how roles are kept",
    "organizations_rolegroup": "how roles are kept",
    "organizations_user_groups": "how roles are kept",
    "wagtailcore_groupcollectionpermission": "how roles are kept",
    "wagtailcore_grouppagepermission": "how roles are kept",
    "organizations_keptanswer": "copies of the API's answers",
    "organizations_export": "earlier exports",
    "organizations_libraryrendition": "made from the pictures",
    "wagtailadmin_editingsession": "who has which page open",
    "wagtailadmin_formstate": "what is not saved yet",
    "wagtailcore_referenceindex": "made from the content",
    "wagtailsearch_indexentry": "made from the content",
}
SECRET = re.compile(r"secret|password|token|credential|digest|private|session_key", re.IGNORECASE)
NO_SECRETS = re.compile(r"(^|_)(tokens|provider_tokens|token_expires_at)$")  # counts and dates


def request_export(organization: Organization, *, user) -> Export:
    """Has an archive made, of which `user` is told by e-mail. Raises Conflict while another is being made."""
    require(user, Action.EXPORT, organization=organization)
    try:
        with transaction.atomic():
            export = Export.objects.create(organization=organization, requested_by=user)
            log(organization, "organizations.request_export", user=user)
            transaction.on_commit(
                lambda: async_task("organizations.tasks.export", str(export.pk), timeout=MOST_SECONDS)
            )
    except IntegrityError as err:
        raise Conflict(_("An archive is being made already. You get an e-mail when it is ready.")) from err
    return export


def carry_out(pk: str) -> None:
    """Makes the archive, once: a second worker that is given the same finds it taken."""
    taken = Export.objects.filter(pk=pk, state=State.WAITING).update(state=State.RUNNING, begun_at=timezone.now())
    if not taken:
        return
    export = Export.objects.select_related("organization", "requested_by").get(pk=pk)
    try:
        with outside_walls(), tempfile.TemporaryFile() as file:
            _write(export, file, report=lambda percent: _report(export, percent))
            export.size = file.tell()
            file.seek(0)
            export.file.save(f"{export.organization.slug}-{export.created_at:%Y-%m-%d}.zip", File(file), save=False)
    except Exception:
        Export.objects.filter(pk=pk).update(state=State.FAILED, finished_at=timezone.now())
        logger.exception("export_failed", export=str(pk))
        raise
    export.state, export.percent, export.finished_at = State.READY, 100, timezone.now()
    export.expires_at = export.finished_at + Export.KEPT_FOR
    export.save(update_fields=["state", "percent", "finished_at", "expires_at", "file", "size"])
    if export.requested_by:
        mails.send(
            export.organization,
            "organizations/mail/export_ready.txt",
            to=[export.requested_by.email],
            link=settings.BASE_URL + reverse("organization_exports"),
            until=mails.day(export.organization, export.expires_at),
        )


def forget_old() -> int:
    """Removes archives whose week is over, and gives up those that a stopped worker has left; says how many."""
    now = timezone.now()
    old = Export.objects.filter(expires_at__lte=now).exclude(state=State.EXPIRED)
    for export in old:
        export.file.delete(save=False)
        export.state, export.file = State.EXPIRED, ""
        export.save(update_fields=["state", "file"])
    stuck = Export.objects.filter(state__in=Export.UNDERWAY, created_at__lte=now - GIVEN_UP_AFTER)
    return len(old) + stuck.update(state=State.FAILED, finished_at=now)


def signed_link(export: Export, *, user) -> str:
    """An address from which `user` can download the archive within the next hour, without signing in again."""
    require(user, Action.EXPORT, organization=export.organization)
    if not export.is_ready():
        raise Conflict(_("This archive is not there: it is not ready yet, or its week is over. Make a new one."))
    return settings.BASE_URL + reverse("export_download", args=[_signer.sign_object([str(export.pk), str(user.pk)])])


def archive_of(signature: str) -> Export:
    """The archive behind a signed link, noted in the log. Raises NotFound once the link or the right has ended."""
    try:
        export_id, user_id = _signer.unsign_object(signature, max_age=LINK_SECONDS)
    except BadSignature as err:
        raise NotFound(_("This link is not valid any more. Get a new one from the page of exports.")) from err
    with outside_walls():
        export = Export.objects.select_related("organization").filter(pk=export_id).first()
        user = User.objects.filter(pk=user_id).first()
        if (
            export is None
            or user is None
            or not export.is_ready()
            or not may(user, Action.EXPORT, organization=export.organization)
        ):
            raise NotFound(_("This archive is gone, or you may not have it any more."))
        with outside_walls(export.organization):
            log(export.organization, "organizations.download_export", user=user)
    return export


def _report(export: Export, percent: int) -> None:
    if percent > export.percent:
        export.percent = percent
        Export.objects.filter(pk=export.pk).update(percent=percent)


def _write(export: Export, file, *, report: Callable[[int], None]) -> None:
    organization = export.organization
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, belongings_of(organization) as found:
        places = [(table, count) for table, count in found.places().items() if _is_exported(found, table)]
        rows_in_all = sum(count for _table, count in places)
        media = list(_media(organization))
        whole = max(1, rows_in_all + len(media) * 20)
        done, described = 0, []
        for table, count in places:
            model = found.models[table]
            if written := _write_rows(archive, found, model):
                described.append((f"data/{model._meta.label_lower}.json", written, model._meta.verbose_name_plural))
            done += count
            report(99 * done // whole)
        people = _people(organization)
        archive.writestr("data/people.json", json.dumps(people, indent=1, ensure_ascii=False))
        described.append(("data/people.json", len(people), _("people and their roles")))
        missing = []
        for folder, row in media:
            name = f"media/{folder}/{row.pk}-{PurePosixPath(row.file.name).name}"
            try:
                with row.file.storage.open(row.file.name) as content, archive.open(name, "w") as target:
                    for chunk in content.chunks():
                        target.write(chunk)
            except FileNotFoundError:
                missing.append(name)
            done += 20
            report(99 * done // whole)
        archive.writestr(
            "README.md",
            render_to_string(
                "organizations/export_readme.md",
                {
                    "organization": organization,
                    "at": timezone.now(),
                    "files": sorted(described),
                    "media": len(media) - len(missing),
                    "missing": missing,
                },
            ),
        )


def _is_exported(found: Belongings, table: str) -> bool:
    # What a row has of a more general model is written with it.
    general = {parent for model in found.models.values() for parent in model._meta.get_parent_list()}
    return table not in LEFT_OUT and found.models[table] not in general


def _write_rows(archive: zipfile.ZipFile, found: Belongings, model: type[models.Model]) -> int:
    """One file with a JSON object for each row, oldest first; says how many. None is left out where there are none."""
    written = 0
    with archive.open(f"data/{model._meta.label_lower}.json", "w") as target:
        target.write(b"[\n")
        for row in _rows(found, model):
            target.write(b",\n" if written else b"")
            target.write(row.encode())
            written += 1
        target.write(b"\n]\n")
    return written


def _rows(found: Belongings, model: type[models.Model]) -> Iterator[str]:
    table, key = model._meta.db_table, model._meta.pk.column
    chain = [model, *(parent for parent in model._meta.get_parent_list() if parent._meta.db_table in found.models)]
    joins = "".join(
        f" JOIN {parent._meta.db_table} ON {parent._meta.db_table}.{parent._meta.pk.column} = {table}.{key}"
        for parent in chain[1:]
    )
    merged = " || ".join(f"to_jsonb({each._meta.db_table})" for each in reversed(chain))
    secret = [column for each in chain for column in secret_columns(each)] + [STAMP]
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT (({merged}) - %s::text[])::text FROM {table}{joins}"
            f" WHERE {found.condition(table, f'{table}.{key}')} ORDER BY {table}.{key}",
            [secret],
        )
        while rows := cursor.fetchmany(500):
            for (row,) in rows:
                yield _without_secrets(row) if table.startswith(STRIPE) else row


def _without_secrets(row: str) -> str:
    """Stripe's objects as they came, less what confirms a payment."""
    return json.dumps(json.loads(row, object_hook=_open), ensure_ascii=False)


def _open(found: dict) -> dict:
    return {key: value for key, value in found.items() if not SECRET.search(key) or NO_SECRETS.search(key)}


def secret_columns(model: type[models.Model]) -> list[str]:
    """The columns of a model that leave the house in no archive."""
    return [
        str(field.column)
        for field in model._meta.local_fields
        if isinstance(field, models.BinaryField) or (SECRET.search(field.name) and not NO_SECRETS.search(field.name))
    ]


def _media(organization: Organization) -> Iterator[tuple[str, LibraryImage | LibraryDocument]]:
    for folder, model in (("pictures", LibraryImage), ("documents", LibraryDocument)):
        for row in model.objects.filter(organization=organization).exclude(file="").order_by("pk"):
            yield folder, row


def _people(organization: Organization) -> list[dict]:
    return [
        {
            "id": str(each.user_id),
            "name": each.user.get_full_name(),
            "email": each.user.email,
            "role": each.role,
            "since": each.created_at.isoformat(),
        }
        for each in organization.memberships.select_related("user").order_by("created_at")
    ]
