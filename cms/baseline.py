"""The migrated empty database as a file, because making it by migrations takes a minute and a half.

`baseline.sql.gz` is a dump of what all migrations make of an empty database.
It is restored into an empty database on the embedded server, and into the
database that the tests copy; `migrate` then applies whatever is newer. So an
old baseline costs time, never correctness, and `bin/baseline --check` proves
that both ways end at the same database.

    bin/baseline            writes the file anew
    bin/baseline --check    compares it with the migrations
"""

import argparse
import difflib
import gzip
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from cms import embedded_postgres

FILE = Path(__file__).resolve().parent / "baseline.sql.gz"
TEMPLATE = "content_studio_template"
MIGRATED_APPS = ["home", "content_studio", "publishing", "billing", "webhooks", "organizations"]


def fingerprint() -> str:
    """Changes whenever the baseline, a migration of ours, the policies put up after it, or a package does."""
    walls = (f"organizations/{name}.py" for name in ("policies", "deriving_policies", "putting_up_walls"))
    files = [FILE, *(embedded_postgres.BASE_DIR / name for name in ("requirements.txt", *walls))]
    for app in MIGRATED_APPS:
        files += sorted((embedded_postgres.BASE_DIR / app / "migrations").glob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(embedded_postgres.BASE_DIR)).encode())
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()[:32]


def stamp_of(database: str) -> str:
    """The fingerprint that a database of the embedded server was last brought to; empty when unknown."""
    return embedded_postgres.sql(
        f"SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = '{database}'",  # noqa: S608
        database="postgres",
    ).strip()


def stamp(database: str) -> None:
    """Notes on a database of the embedded server that it has everything of this checkout."""
    embedded_postgres.sql(f"COMMENT ON DATABASE \"{database}\" IS '{fingerprint()}'", database="postgres")


def is_empty(database: str) -> bool:
    """True for a database of the embedded server that no migration has touched."""
    return embedded_postgres.sql("SELECT to_regclass('django_migrations') IS NULL", database=database).strip() == "t"


def restore(database: str) -> None:
    """Fills an empty database of the embedded server from the file, wholly or not at all."""
    statements = gzip.decompress(FILE.read_bytes())
    embedded_postgres.client("psql", "-Xq1", "-v", "ON_ERROR_STOP=1", database=database, input=statements)


def migrate(database: str) -> None:
    """Runs the migrations that a database of the embedded server lacks."""
    environment = {**os.environ, "EMBEDDED_POSTGRES_DATABASE": database, "DJANGO_SETTINGS_MODULE": "cms.settings.test"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=embedded_postgres.BASE_DIR, env=environment, check=True)  # noqa: S603


def test_template() -> str:
    """A database with every migration applied, for the tests to copy.

    When a migration has changed it is made anew, and the copies that earlier
    runs of the tests have kept are dropped.
    """
    with embedded_postgres.lock("template"):
        if stamp_of(TEMPLATE) != fingerprint():
            for kept in embedded_postgres.databases():
                if kept.startswith(("test_", TEMPLATE)):
                    embedded_postgres.drop_database(kept)
            embedded_postgres.create_database(TEMPLATE)
            if FILE.exists():
                restore(TEMPLATE)
            migrate(TEMPLATE)
            stamp(TEMPLATE)
    return TEMPLATE


def write() -> None:
    """Writes the file from the migrations alone."""
    with _scratch("baseline_source") as source:
        migrate(source)
        embedded_postgres.sql("UPDATE django_migrations SET applied = '2026-01-01 00:00+00'", database=source)
        dump = _dump(source)
    FILE.write_bytes(gzip.compress(dump.encode(), compresslevel=9, mtime=0))
    print(f"{FILE.name}: {FILE.stat().st_size // 1024} KiB")


def differences() -> list[str]:
    """What baseline and migrations disagree on; empty when both ways end at the same database."""
    with _scratch("baseline_restored") as restored, _scratch("baseline_migrated") as migrated:
        restore(restored)
        migrate(restored)
        migrate(migrated)
        ours, theirs = _described(restored), _described(migrated)
    return list(difflib.unified_diff(ours, theirs, "baseline", "migrations", lineterm="", n=2))


def _described(database: str) -> list[str]:
    """Schema, applied migrations and number of rows per table, one fact a line."""
    with _scratch("baseline_copy") as copy:
        # PostgreSQL words some conditions differently once they have been through a dump: so both go through one.
        embedded_postgres.client("psql", "-Xq1", database=copy, input=_dump(database, "--schema-only").encode())
        schema = [line for line in _dump(copy, "--schema-only").splitlines() if line and not line.startswith("--")]
    applied = embedded_postgres.sql("SELECT app, name FROM django_migrations ORDER BY 1, 2", database=database)
    return [*schema, *applied.splitlines(), *rows_by_table(database)]


def rows_by_table(database: str) -> list[str]:
    """How many rows each table of a database on the embedded server has, as `table|rows`."""
    tables = embedded_postgres.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
        database=database,
    ).split()
    count = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)  # noqa: S608
    return embedded_postgres.sql(count + " ORDER BY 1", database=database).splitlines()


def _dump(database: str, *options: str) -> str:
    dump = embedded_postgres.client("pg_dump", "--no-owner", "--no-privileges", *options, database=database)
    # psql's \restrict lines carry a new random word in every dump.
    return re.sub(r"^\\(un)?restrict .*\n", "", dump, flags=re.MULTILINE)


class _scratch:
    """A database that exists for the length of a `with` block."""

    def __init__(self, name: str) -> None:
        self.name = f"content_studio_{name}"

    def __enter__(self) -> str:
        embedded_postgres.drop_database(self.name)
        embedded_postgres.create_database(self.name)
        return self.name

    def __exit__(self, *exception: object) -> None:
        embedded_postgres.drop_database(self.name)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write or check the dump of the migrated empty database.")
    parser.add_argument("--check", action="store_true", help="compare the file with the migrations instead")
    check = parser.parse_args().check
    os.environ.pop("DATABASE_URL", None)
    started = embedded_postgres.ensure_running()
    try:
        if not check:
            write()
            return 0
        if found := differences():
            print("\n".join(found))
            print("\nThe baseline and the migrations disagree. Write it anew: bin/baseline")
            return 1
        print("The baseline and the migrations end at the same database.")
        return 0
    finally:
        if started:
            embedded_postgres.stop_if_unused()


if __name__ == "__main__":
    sys.exit(main())
