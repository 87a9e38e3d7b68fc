"""Looks at everything that this installation stands on, and says what is wrong and how to mend it.

Each check looks for itself and never raises: what it finds is the answer.
`manage.py doctor` prints them, and `installation` shows them to operators.
"""

import os
import shutil
import smtplib
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import psycopg
import redis
import requests
from django.conf import settings
from django.core import checks as system_checks
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.mail import get_connection
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import TextChoices
from django.utils import timezone
from django_q.models import OrmQ
from djstripe.models import WebhookEventTrigger

from billing import catalogue
from cms import database_disks
from organizations.mailing import waiting_longer_than
from organizations.walls import ROLE
from publishing.connections import CONNECTIONS
from publishing.models import Channel, Delivery, NetworkPause, Worker

ANSWER_SECONDS = 5  # for one answer of another service
OLDEST_POSTGRESQL = 14
LEAST_FREE_DISK = 0.10
MOST_CLOCK_SECONDS = 2.0
MOST_LATE = timedelta(minutes=5)
JUST_NOW = timedelta(minutes=10)
SYNC = "Run manage.py billing_sync, also after each change of BASE_URL or billing/plans.py."


class Verdict(TextChoices):
    OK = "ok"
    UNUSED = "unused"  # not set up, which is fine
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What a check saw. `remedy` says what to do; it is empty when there is nothing to do."""

    subject: str
    verdict: Verdict
    what: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Every check's findings, one after the other, as they come. Other services are asked all at once."""
    with ThreadPoolExecutor(len(ASKS_ELSEWHERE)) as pool:
        asked = {subject: pool.submit(_examined, subject) for subject in ASKS_ELSEWHERE}
        for subject in CHECKS:
            yield asked[subject].result() if subject in asked else _examined(subject)


def _examined(subject: str) -> Finding:
    try:
        return CHECKS[subject](subject)
    except Exception as error:  # a check that breaks is a finding too, and the others go on
        return Finding(subject, Verdict.FAILED, f"could not be looked at: {error}", "Report this as a bug.")


def _settings(subject: str) -> Finding:
    serious = [message for message in system_checks.run_checks(include_deployment_checks=False) if message.is_serious()]
    if serious:
        first = serious[0]
        more = f" ({len(serious) - 1} more: manage.py check)" if len(serious) > 1 else ""
        return Finding(subject, Verdict.FAILED, f"{first.id}: {first.msg}{more}", str(first.hint or ""))
    warned = [message for message in system_checks.run_checks(tags=["publishing"]) if not message.is_serious()]
    if warned:
        return Finding(subject, Verdict.WARNING, f"{warned[0].id}: {warned[0].msg}", str(warned[0].hint or ""))
    return Finding(subject, Verdict.OK, f"{settings.SETTINGS_MODULE} at {settings.BASE_URL}")


def _database(subject: str) -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
            size = cursor.fetchone()[0]
            walls = _may_take_on(cursor, ROLE)
            room = _has_room(cursor)
            cursor.execute("SELECT clock_timestamp() - pg_postmaster_start_time()")
            runs = cursor.fetchone()[0]
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


def _migrations(subject: str) -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding(subject, Verdict.FAILED, f"{len(missing)} are not applied", "Run manage.py migrate.")
    return Finding(subject, Verdict.OK, "all applied")


def _redis(subject: str) -> Finding:
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


def _worker(subject: str) -> Finding:
    alive = Worker.alive().count()
    if not alive:
        return Finding(
            subject,
            Verdict.FAILED,
            "none is running: nothing is published",
            "Start one: manage.py qcluster (bin/start and the compose file do). Its log says why it ended.",
        )
    return Finding(subject, Verdict.OK, f"{alive} running")


def _deliveries(subject: str) -> Finding:
    late = Delivery.objects.waiting().filter(next_attempt_at__lt=timezone.now() - MOST_LATE).count()
    if late:
        return Finding(
            subject,
            Verdict.FAILED,
            f"{late} are more than {MOST_LATE.seconds // 60} minutes late",
            "See the worker's line above. If it runs, start more of them or raise PUBLISHING_THREADS.",
        )
    return Finding(subject, Verdict.OK, "none is late")


def _networks(subject: str) -> Finding:
    paused = list(NetworkPause.objects.filter(until__gt=timezone.now()).values_list("host", flat=True))
    reconnect = Channel.objects.filter(state=Channel.State.RECONNECT).count()
    if paused:
        what = f"not tried for now, because too many calls failed: {', '.join(sorted(paused))}"
        return Finding(subject, Verdict.WARNING, what, "They are tried again by themselves. See the network's status.")
    if reconnect:
        what = f"{reconnect} channels wait for their people to connect them again"
        return Finding(subject, Verdict.WARNING, what, "The people of those organizations have been told.")
    return Finding(subject, Verdict.OK, "none is paused, every channel is connected")


def _network_apps(subject: str) -> Finding:
    """The keys of this installation's own apps at the networks that people connect by signing in there."""
    ways = [way for way in CONNECTIONS if way.settings]
    for way in ways:
        if 0 < len(way.missing) < len(way.settings):
            what = f"{way.name}: {' and '.join(way.missing)} is missing, so it is not offered"
            return Finding(subject, Verdict.FAILED, what, f"Take both from {way.keys_from}")
    offered = [str(way.name) for way in ways if not way.missing]
    if not offered:
        return Finding(
            subject, Verdict.UNUSED, f"none has keys: {', '.join(str(way.name) for way in ways)} not offered"
        )
    return Finding(subject, Verdict.OK, f"{', '.join(offered)} offered")


def _tasks(subject: str) -> Finding:
    """The queue of background work. A task that is in hand is locked until it may be taken for lost."""
    waiting = OrmQ.objects.filter(lock__lt=timezone.now() - MOST_LATE).order_by("lock")
    if oldest := waiting.first():
        what = f"{waiting.count()} wait to be begun, the oldest since {oldest.lock:%Y-%m-%d %H:%M} UTC"
        return Finding(
            subject, Verdict.FAILED, what, "See the worker's line. If it runs, raise WORKERS or add a machine."
        )
    return Finding(subject, Verdict.OK, "none waits long")


def _mail(subject: str) -> Finding:
    if not settings.MAILER_EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return Finding(subject, Verdict.UNUSED, "mails are not sent but shown or kept (EMAIL_URL is not set)")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mail = get_connection(settings.MAILER_EMAIL_BACKEND, timeout=ANSWER_SECONDS)
    try:
        mail.open()
    except smtplib.SMTPAuthenticationError:
        return Finding(
            subject, Verdict.FAILED, f"{where} refuses the log-in", "Correct user and password in EMAIL_URL."
        )
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            subject, Verdict.FAILED, f"{where} cannot be reached: {error}", "Correct EMAIL_URL, or open the firewall."
        )
    mail.close()
    return Finding(subject, Verdict.OK, f"{where} takes mail")


def _mails_waiting(subject: str) -> Finding:
    waiting = waiting_longer_than(MOST_LATE)
    if oldest := waiting.first():
        since = oldest.when_added.strftime("%Y-%m-%d %H:%M UTC")
        what = f"{waiting.count()} wait to be sent, the oldest since {since}"
        remedy = "They are sent by themselves once a worker runs and the mail server takes them: see both lines."
        return Finding(subject, Verdict.FAILED, what, remedy)
    return Finding(subject, Verdict.OK, "none waits")


def _media(subject: str) -> Finding:
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


def _media_from_outside(subject: str) -> Finding:
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


def _disk(subject: str) -> Finding:
    places: dict[str, Path | str] = {
        "MEDIA_ROOT": settings.MEDIA_ROOT if settings.MEDIA_ROOT.exists() else settings.BASE_DIR,
        # Where large uploads wait. Python itself goes elsewhere once it is full, but not in a process that runs.
        "TMPDIR": os.environ.get("TMPDIR") or tempfile.gettempdir(),
        **{what: place for place, what in database_disks.places().items()},
    }
    free = {name: shutil.disk_usage(place) for name, place in places.items()}
    name, least = min(free.items(), key=lambda each: each[1].free / each[1].total)
    share = least.free / least.total
    what = f"{least.free // 2**30} GiB free ({share:.0%}) at {places[name]}"
    if share < LEAST_FREE_DISK:
        return Finding(subject, Verdict.WARNING, what, f"Make room, or move {name} to a larger disk.")
    return Finding(subject, Verdict.OK, what)


def _clock(subject: str) -> Finding:
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


def _openai(subject: str) -> Finding:
    if not settings.OPENAI_API_KEY:
        return Finding(subject, Verdict.UNUSED, "OPENAI_API_KEY is not set: it is not offered")
    headers = {"Authorization": f"Bearer {settings.OPENAI_API_KEY}"}
    return _service(subject, f"{settings.OPENAI_BASE_URL.rstrip('/')}/models", headers, "OPENAI")


def _gemini(subject: str) -> Finding:
    if not settings.GEMINI_API_KEY:
        return Finding(subject, Verdict.UNUSED, "GEMINI_API_KEY is not set: it is not offered")
    headers = {"x-goog-api-key": settings.GEMINI_API_KEY}
    return _service(subject, f"{settings.GEMINI_BASE_URL.rstrip('/')}/v1beta/models", headers, "GEMINI")


def _stripe(subject: str) -> Finding:
    if not settings.STRIPE_SECRET_KEY:
        return Finding(subject, Verdict.UNUSED, "STRIPE_SECRET_KEY is not set: nothing is for sale")
    headers = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
    return _service(subject, f"{settings.STRIPE_API_BASE.rstrip('/')}/v1/balance", headers, "STRIPE")


def _plans_for_sale(subject: str) -> Finding:
    """Whether what `billing_sync` makes is there, and whether Stripe's news are taken."""
    if not settings.STRIPE_SECRET_KEY:
        return Finding(subject, Verdict.UNUSED, "nothing is for sale")
    if missing := catalogue.missing():
        return Finding(subject, Verdict.FAILED, f"Stripe has not been told of {', '.join(missing)}", SYNC)
    refused = WebhookEventTrigger.objects.filter(created__gt=timezone.now() - timedelta(days=1), processed=False)
    if count := refused.count():
        why = refused.latest("created").exception or "the signature is not made with the secret that is known here"
        what = f"{count} of Stripe's news of the last day were not taken: {why}"
        return Finding(subject, Verdict.WARNING, what, "Stripe sends them again. manage.py billing_reconcile mends.")
    return Finding(subject, Verdict.OK, "every plan has its prices, and Stripe's news are taken")


def _service(subject: str, address: str, headers: dict[str, str], prefix: str) -> Finding:
    """Asks another service for something that costs nothing and needs the key."""
    key = {"STRIPE": "STRIPE_SECRET_KEY"}.get(prefix, f"{prefix}_API_KEY")
    began = time.monotonic()
    try:
        answer = requests.get(address, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(
            subject,
            Verdict.FAILED,
            f"cannot be reached: {type(error).__name__}",
            f"Let this machine reach {address}, or correct its address in the settings.",
        )
    if answer.status_code in (401, 403):
        return Finding(subject, Verdict.FAILED, f"refuses {key}", f"Make a new key there and set {key}.")
    if answer.status_code == 429:
        return Finding(subject, Verdict.WARNING, "says that its limit is used up", "Raise the limit there, or wait.")
    if answer.status_code >= 400:
        return Finding(
            subject, Verdict.FAILED, f"answers {answer.status_code}", f"See its status page; the address is {address}."
        )
    return Finding(subject, Verdict.OK, f"takes the key, {(time.monotonic() - began) * 1000:.0f} ms")


CHECKS: dict[str, Callable[[str], Finding]] = {
    "Settings": _settings,
    "Database": _database,
    "Migrations": _migrations,
    "Redis": _redis,
    "Worker": _worker,
    "Deliveries": _deliveries,
    "Networks": _networks,
    "Network apps": _network_apps,
    "Background work": _tasks,
    "Mail": _mail,
    "Mails waiting": _mails_waiting,
    "Media": _media,
    "Media, from outside": _media_from_outside,
    "Disk": _disk,
    "Clock": _clock,
    "OpenAI": _openai,
    "Gemini": _gemini,
    "Stripe": _stripe,
    "Plans for sale": _plans_for_sale,
}

# These wait for somebody else and ask no database, so they need not wait for each other.
ASKS_ELSEWHERE = ("Redis", "Mail", "Media, from outside", "OpenAI", "Gemini", "Stripe")
