"""The disks that a PostgreSQL on this machine writes to, as far as this user may look at them.

A server that has ended says nothing any more, and a full disk is the usual reason: then only its directories can be
asked. Of a server elsewhere nothing is known here.
"""

import os
import shutil
from glob import glob
from pathlib import Path
from typing import Any

from django.conf import settings

from cms import embedded_postgres

DEBIAN = "/var/lib/postgresql/*/*"  # a directory for each version and cluster
SEGMENT = 16 * 2**20  # bytes by which PostgreSQL's log grows: with less it does not start
DATA, LOG = "PostgreSQL's data", "PostgreSQL's log"


def host() -> str:
    """Where PostgreSQL is: a host name, the directory of a socket, or nothing for libpq's own socket."""
    database: dict[str, Any] = settings.DATABASES["default"]
    return str(database.get("HOST") or database.get("OPTIONS", {}).get("host") or "")


def places() -> dict[Path, str]:
    """Where a PostgreSQL of this machine keeps what: its data, and its log where that has a disk of its own."""
    where = host()
    if where == str(embedded_postgres.socket_directory()):
        directories = [str(embedded_postgres.directory())]
    elif os.path.exists(os.path.join(where, "base")):
        directories = [where]
    elif where.startswith("/") or where in ("", "localhost", "127.0.0.1", "::1"):
        directories = glob(DEBIAN)
    else:
        directories = []
    found: dict[Path, str] = {}
    for directory in filter(os.path.isdir, directories):
        found[Path(directory)] = DATA
        log = os.path.join(directory, "pg_wal")
        if os.path.exists(log) and os.stat(log).st_dev != os.stat(directory).st_dev:
            found[Path(log).resolve()] = LOG
    return found


def full() -> str:
    """The first of these places that has no room left, with what lies there; or nothing."""
    for place, what in places().items():
        if shutil.disk_usage(place).free < SEGMENT:
            return f"{what} at {place}"
    return ""
