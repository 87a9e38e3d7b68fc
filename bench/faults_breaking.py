"""What is broken, one thing at a time, and mended when the block ends."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .faults_services import Away
from .faults_world import World


@dataclass
class Look:
    """Where the doctor should see the fault, and what else is to be looked at while it lasts."""

    subject: str
    also: Callable[[], str] = lambda: ""


def faults_of(world: World) -> dict[str, Callable]:
    """Each fault that this machine can have, by its name."""
    found: dict[str, Callable] = {
        "database restarts": lambda: database_restarts(world),
        "database gone": lambda: database_gone(world),
        "mail server down": lambda: away(world.mail, "Mail"),
        "AI provider hangs": lambda: provider_hangs(world),
        "Stripe down": lambda: away(world.stripe, "Stripe"),
        "network answers garbage": lambda: network_garbage(world),
    }
    if world.redis:
        found["Redis gone"] = lambda: away(world.redis, "Redis")
    if world.has_disks:
        found |= {
            "disk of the database full": lambda: full(world, world.database, "Database"),
            "disk of the database's log full": lambda: log_full(world),
            "disk of the media full": lambda: full(world, world.media, "Media", upload=True),
            "disk of temporary files full": lambda: full(world, world.temporary, "Disk", upload=True),
        }
    return found


@contextlib.contextmanager
def database_restarts(world: World):
    from cms import embedded_postgres

    timer = threading.Timer(2.0, embedded_postgres.restart, kwargs={"crash": True})
    timer.start()
    yield Look("Database")
    timer.join()


@contextlib.contextmanager
def database_gone(world: World):
    from cms import embedded_postgres

    embedded_postgres.stop(crash=True)
    yield Look("Database")
    world.run_database()


@contextlib.contextmanager
def away(service: Away, subject: str):
    service.stop()
    yield Look(subject)
    service.start()


@contextlib.contextmanager
def provider_hangs(world: World):
    world.provider.delay = 60.0
    yield Look("OpenAI", lambda: f"Writing with AI: {world.studio.generate()}")
    world.provider.delay = 0.0


@contextlib.contextmanager
def network_garbage(world: World):
    world.network.is_careless = True
    yield Look("Networks", lambda: f"{world.network.garbage} answers were garbage.")
    world.network.is_careless = False


@contextlib.contextmanager
def full(world: World, place: Path, subject: str, *, upload: bool = False):
    with filled(place):
        yield Look(subject, lambda: f"A picture: {world.studio.upload()}." if upload else "")
    world.run_database()


@contextlib.contextmanager
def log_full(world: World):
    """PostgreSQL cannot go on where its log has no room: it ends, and does not come back before there is some."""
    from cms import embedded_postgres

    with filled(world.log):
        with contextlib.suppress(embedded_postgres.EmbeddedPostgresError):
            for _megabyte in range(512):
                embedded_postgres.sql("SELECT pg_logical_emit_message(false, 'faults', repeat('x', 1048576))")
        yield Look("Database", lambda: f"PostgreSQL: {last_words(world)}")
    world.run_database()


def last_words(world: World) -> str:
    """Why PostgreSQL ended, as its own report has it."""
    lines = (world.database / "postgres" / "log").read_text(errors="replace").splitlines()
    panics = [line.partition("PANIC:")[2].strip() for line in lines if "PANIC:" in line]
    return f"“{panics[-1]}”" if panics else "did not end"


@contextlib.contextmanager
def filled(place: Path):
    filler = place / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
            file.flush()
    try:
        yield
    finally:
        filler.unlink()
