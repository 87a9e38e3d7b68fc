"""What the installation stands on: its settings, the database, the caches, files, the disk and the clock."""

import os
import shutil
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import psycopg
import redis
import requests
from django.conf import settings
from django.core import checks as system_checks
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from cms import database_disks
from organizations.walls import ROLE

from .findings import ANSWER_SECONDS, JUST_NOW, Finding, Verdict

OLDEST_POSTGRESQL = 14
LEAST_FREE_DISK = 0.10
MOST_CLOCK_SECONDS = 2.0


def configuration(subject: str) -> Finding:
    serious = [message for message in system_checks.run_checks(include_deployment_checks=False) if message.is_serious()]
    if serious:
        first = serious[0]
        more = f" ({len(serious) - 1} more: manage.py check)" if len(serious) > 1 else ""
        return Finding(subject, Verdict.FAILED, f"{first.id}: {first.msg}{more}", str(first.hint or ""))
    warned = [message for message in system_checks.run_checks(tags=["publishing"]) if not message.is_serious()]
    if warned:
        return Finding(subject, Verdict.WARNING, f"{warned[0].id}: {warned[0].msg}", str(warned[0].hint or ""))
    return Finding(subject, Verdict.OK, f"{settings.SETTINGS_MODULE} at {settings.BASE_URL}")


def database(subject: str) -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
            size = cursor.fetchone()[0]
            walls = _may_take_on(cursor, ROLE)
            room = _has_room(cursor)
            cursor.execute(
                "SELECT clock_timestamp() - pg_postmaster_start_time(), rolsuper FROM pg_roles"
                " WHERE rolname = session_user"
            )
            runs, may_everything = cursor.fetchone()
    except DatabaseError as error:
        return _database_gone(subject, error)
    if int(version.split(".")[0]) < OLDEST_POSTGRESQL:
        return Finding(subject, Verdict.FAILED, f"is PostgreSQL {version}", f"Use {OLDEST_POSTGRESQL} or later.")
    if not room:
        return Finding(
            subject,
            Verdict.FAILED,
            "has no room left on its disk: nothing can be saved",
            "Make room there. What was saved is safe, and publishing goes on by itself.",
        )
    if not walls:
        return Finding(
            subject,
            Verdict.FAILED,
            f"has no role {ROLE} that this user may take on: organizations are not kept apart",
            "Let the database's user create roles (ALTER ROLE … CREATEROLE), then run manage.py migrate.",
        )
    if may_everything and settings.PRODUCTION:
        return Finding(
            subject,
            Verdict.WARNING,
            "is used by a superuser: a hole here would be one in the whole server",
            "Use a user that owns the database and may create roles: docs/decisions/0008-production-database-user.md.",
        )
    started = f", started {runs.total_seconds():.0f} seconds ago" if runs < JUST_NOW else ""
    return Finding(subject, Verdict.OK, f"PostgreSQL {version}, {size}{started}")


def _database_gone(subject: str, error: DatabaseError) -> Finding:
    where = database_disks.host() or "the local server"
    what = f"does not answer at {where}: {str(error).strip()}"
    if place := database_disks.full():
        return Finding(
            subject,
            Verdict.FAILED,
            f"has no room left for {place}, so it ended. It {what}",
            "Make room there, then start PostgreSQL. What was saved is safe, and publishing goes on by itself.",
        )
    return Finding(
        subject, Verdict.FAILED, what, "Start PostgreSQL (its log says why it ended), or correct DATABASE_URL."
    )


def _may_take_on(cursor, role: str) -> bool:
    try:
        with transaction.atomic():
            cursor.execute("SELECT set_config('role', %s, true)", [role])
            cursor.execute("SELECT set_config('role', 'none', true)")
    except DatabaseError:
        return False
    return True


def _has_room(cursor) -> bool:
    """Writes some pages where PostgreSQL keeps its data, and takes them back."""
    try:
        with transaction.atomic():
            cursor.execute(
                "CREATE TEMPORARY TABLE doctor ON COMMIT DROP AS SELECT repeat('x', 1000) FROM generate_series(1, 2000)"
            )
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.DiskFull):
            return False
        raise
    return True


def migrations(subject: str) -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding(subject, Verdict.FAILED, f"{len(missing)} are not applied", "Run manage.py migrate.")
    return Finding(subject, Verdict.OK, "all applied")


def redis_server(subject: str) -> Finding:
    if not settings.REDIS_URL:
        return Finding(
            subject,
            Verdict.WARNING if settings.PRODUCTION else Verdict.UNUSED,
            "is not set up: each process has a cache of its own",
            "Set REDIS_URL when there is more than one web process." if settings.PRODUCTION else "",
        )
    word = uuid.uuid4().hex.encode()
    try:
        # Past the cache, which carries on without Redis and says nothing.
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS) as server:
            server.set("doctor", word, ex=10)
            kept = server.get("doctor")
    except redis.RedisError as error:
        return Finding(subject, Verdict.FAILED, f"does not answer: {error}", "Start Redis, or correct REDIS_URL.")
    if kept != word:
        return Finding(subject, Verdict.FAILED, "forgets at once what is stored", "Raise its maxmemory.")
    return Finding(subject, Verdict.OK, "answers")


def media(subject: str) -> Finding:
    word = uuid.uuid4().hex.encode()
    try:
        name = default_storage.save(f"doctor/{uuid.uuid4().hex}.txt", ContentFile(word))
        with default_storage.open(name) as file:
            kept = file.read()
        default_storage.delete(name)
    except Exception as error:
        return Finding(
            subject,
            Verdict.FAILED,
            f"files cannot be written and read: {error}",
            "Correct the MEDIA_ settings, or let this user write there.",
        )
    if kept != word:
        return Finding(subject, Verdict.FAILED, "a file comes back changed", "Look at the store and what is before it.")
    place = settings.MEDIA_ROOT if isinstance(default_storage, FileSystemStorage) else settings.MEDIA_S3_BUCKET
    return Finding(subject, Verdict.OK, f"written to {place} and read back")


def media_from_outside(subject: str) -> Finding:
    """Fetches a file as a network would that is given its address. Whether others get this far, only they can say."""
    word = uuid.uuid4().hex.encode()
    name = default_storage.save(f"doctor/{uuid.uuid4().hex}.txt", ContentFile(word))
    address = urljoin(settings.BASE_URL, default_storage.url(name))
    try:
        answer = requests.get(address, timeout=ANSWER_SECONDS)
    except requests.RequestException as error:
        return Finding(
            subject,
            Verdict.WARNING if settings.PRODUCTION else Verdict.UNUSED,
            f"cannot be fetched from {settings.BASE_URL}: {type(error).__name__}",
            "Let BASE_URL lead to this installation: Instagram fetches pictures from there, and people see them there.",
        )
    finally:
        default_storage.delete(name)
    if answer.status_code != 200 or answer.content != word:
        return Finding(
            subject,
            Verdict.FAILED,
            f"a file at {settings.BASE_URL} answers {answer.status_code} instead of its content",
            "Look at what is in front of this installation: it must pass /media/ on with its query string.",
        )
    return Finding(subject, Verdict.OK, f"fetched from {settings.BASE_URL}")


def disk(subject: str) -> Finding:
    places: dict[Path, str] = {
        **database_disks.places(),
        # Where large uploads wait. Python itself goes elsewhere once it is full, but not in a process that runs.
        Path(os.environ.get("TMPDIR") or tempfile.gettempdir()): "TMPDIR",
        settings.MEDIA_ROOT if settings.MEDIA_ROOT.exists() else settings.BASE_DIR: "MEDIA_ROOT",
    }
    free = {place: shutil.disk_usage(place) for place in places}
    place, least = min(free.items(), key=lambda each: each[1].free / each[1].total)
    share = least.free / least.total
    what = f"{least.free // 2**30} GiB free ({share:.0%}) at {place}"
    if share < LEAST_FREE_DISK:
        return Finding(subject, Verdict.WARNING, what, f"Make room, or move {places[place]} to a larger disk.")
    return Finding(subject, Verdict.OK, what)


def clock(subject: str) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart > MOST_CLOCK_SECONDS:
        return Finding(
            subject,
            Verdict.FAILED,
            f"is {apart:.1f} s apart from the database's",
            "Run a time service (chrony, systemd-timesyncd) on both machines: posts would be early or late.",
        )
    return Finding(subject, Verdict.OK, "agrees with the database's")
