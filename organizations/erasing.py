# ruff: noqa: S608  the SQL is made of names from the code, and holds nothing from outside
"""An organization that was deleted thirty days ago is erased: every row, every file, and who was only there.

What is erased follows from the models (`belongings`), so a new table needs
nothing here. Files go first and rows last, in one transaction: stopped
anywhere, the next run goes on. See docs/decisions/0009-deleting-and-erasing.md.
"""

import contextlib
import os
from importlib import import_module

import structlog
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Collection

from .access import CurrentOrganizationMiddleware
from .belongings import Belongings, belongings_of
from .forgetting import forget, is_forgotten
from .models import BasePage, Export, LibraryDocument, LibraryImage, LibraryRendition, Organization, User
from .signals import organization_erasing
from .walls import outside_walls

logger = structlog.get_logger(__name__)

BATCH = 200
# Where an organization's files hang, renditions before what they were made of.
FILES = (
    (LibraryRendition, "image__organization"),
    (LibraryImage, "organization"),
    (LibraryDocument, "organization"),
    (Export, "organization"),
)


def erase_what_is_due() -> int:
    """Erases every organization whose thirty days are over, and says how many. One that fails leaves the others."""
    due = Organization.objects.filter(deleted_at__lte=timezone.now() - Organization.KEPT_FOR)
    erased = 0
    for organization in due:
        try:
            erase(organization)
        except Exception:
            logger.exception("organization_not_erased", organization=str(organization.pk))
        else:
            erased += 1
    return erased


def erase(organization: Organization) -> None:
    """Removes everything that belongs to the organization, and the accounts of people who belong to no other."""
    with outside_walls():
        if not _is_due(organization):
            return
        _remove_files(organization)
        with transaction.atomic():
            if not _is_due(organization):
                return  # another worker was faster
            people = list(User.objects.filter(memberships__organization=organization))
            gone = list(User.objects.filter(former_memberships__organization=organization))
            organization_erasing.send(sender=Organization, organization=organization)
            _forget_choice(organization, people)
            _remove_rows(organization)
            for person in [*people, *filter(is_forgotten, gone)]:
                if not person.is_superuser and not person.memberships.exists():
                    forget(person)
    # Who it was is not told: only that, and when, the promise was kept.
    logger.info("organization_erased", organization=str(organization.pk))


def _is_due(organization: Organization) -> bool:
    """True if its days are over; from then on nobody can bring it back."""
    with transaction.atomic():
        found = Organization.objects.select_for_update(of=("self",)).filter(pk=organization.pk).first()
        return found is not None and found.erased_from is not None and found.erased_from <= timezone.now()


def _remove_files(organization: Organization) -> None:
    for model, owner in FILES:
        rows = model._base_manager.filter(**{owner: organization}).exclude(file="").order_by("pk")
        while batch := list(rows[:BATCH]):
            for row in batch:
                _remove_file(row.file)
            model._base_manager.filter(pk__in=[row.pk for row in batch]).update(file="")


def _remove_file(file) -> None:
    file.storage.delete(file.name)
    if isinstance(file.storage, FileSystemStorage):
        with contextlib.suppress(OSError):  # the folder is shared
            os.rmdir(os.path.dirname(file.storage.path(file.name)))


def _forget_choice(organization: Organization, people) -> None:
    """Nobody's session goes on naming it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in UserSession.objects.filter(user__in=people).values_list("session_key", flat=True):
        session = store(session_key=key)
        if session.get(CurrentOrganizationMiddleware.SESSION_KEY) == str(organization.pk):
            del session[CurrentOrganizationMiddleware.SESSION_KEY]
            session.save()


def _remove_rows(organization: Organization) -> None:
    # Whoever adds a page or a collection below the root meanwhile waits here.
    roots = (BasePage.objects, Collection.objects)
    for manager in roots:
        manager.select_for_update().get(depth=1)
    with belongings_of(organization) as found, connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _tie_loose_ends(cursor, found)
        places = found.places()
        for manager in roots:
            table = manager.model._meta.db_table
            cursor.execute(
                f"UPDATE {table} SET numchild = numchild -"
                f" (SELECT count(*) FROM {table} WHERE depth = 2 AND {found.condition(table)}) WHERE depth = 1"
            )
        for table in places:
            cursor.execute(f"DELETE FROM {table} WHERE {found.condition(table)}")


def _tie_loose_ends(cursor, found: Belongings) -> None:
    for table, field in found.loose_ends():
        key = found.models[table]._meta.pk.column
        cursor.execute(
            f"UPDATE {table} SET {field.column} = NULL WHERE {found.names_one(field)}"
            f" AND {key}::text NOT IN (SELECT pk FROM belonging WHERE place = '{table}')"
        )
