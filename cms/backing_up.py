"""One file with everything that this installation keeps: the database and the uploaded files.

A backup is a tar archive of `database.dump` (made by `pg_dump`, so consistent as
of one moment while people go on working), `media/` where files lie on disk, and
`about.json`. It is written under another name and renamed when it is whole. The
keys in `ENCRYPTION_KEYS` are not in it: without them a restored database's
channels must be connected anew. Keep them elsewhere.
"""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from cms import embedded_postgres

FORMAT = 1


class BackupError(Exception):
    """Why, and what to do, in words for the operator."""


def back_up(directory: Path) -> Path:
    """Writes a new backup into `directory` and returns its path."""
    directory.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC)
    path = directory / f"content-studio-{moment:%Y%m%d-%H%M%S}.tar"
    unfinished = path.with_suffix(".unfinished")
    try:
        with tempfile.TemporaryDirectory(dir=directory) as temporary, tarfile.open(unfinished, "w") as archive:
            dump = Path(temporary) / "database.dump"
            _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(dump))
            _add_text(archive, "about.json", json.dumps(_about(moment), indent=2))
            archive.add(dump, "database.dump")
            if _media_on_disk() and settings.MEDIA_ROOT.exists():
                archive.add(settings.MEDIA_ROOT, "media")
        unfinished.chmod(0o600)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def restore(path: Path, *, replace: bool = False) -> dict[str, Any]:
    """Fills the empty database and the media directory from a backup, then migrates. Returns what `about.json` says.

    A database that has tables is refused unless `replace` says that they go; they
    are still there where the restore fails, because it is one transaction.
    Media files that are there already stay, unless the backup has one of that name.
    """
    if not path.exists():
        raise BackupError(f"There is no file {path}.")
    with tempfile.TemporaryDirectory() as temporary:
        about = _unpack(path, Path(temporary))
        if _tables() and not replace:
            raise BackupError(
                "The database is not empty. Restore into an empty one, or throw away what is there with --replace."
            )
        _fill_from(Path(temporary) / "database.dump")
        connection.close()
        media = Path(temporary) / "media"
        if media.exists() and _media_on_disk():
            shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
    call_command("migrate", verbosity=0)  # newer migrations, and the rights that a dump does not carry
    return about


def _unpack(path: Path, into: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                _extract(archive, member, into)
        about: dict[str, Any] = json.loads((into / "about.json").read_text())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{path} is not a whole backup: {error}") from error
    if about.get("format") != FORMAT or not (into / "database.dump").exists():
        raise BackupError(f"{path} is not a backup that this version can read.")
    return about


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    """Writes one plain file below `into`; whatever else an archive may hold is refused."""
    path = (into / member.name).resolve()
    if not (member.isfile() or member.isdir()) or not path.is_relative_to(into.resolve()):
        raise tarfile.TarError(f"it has {member.name} in it, which no backup has")
    content = archive.extractfile(member)
    if content is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with content, path.open("wb") as file:
        shutil.copyfileobj(content, file)


def _about(moment: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return {
        "format": FORMAT,
        "made_at": moment.isoformat(),
        "release": settings.RELEASE,
        "postgresql": version,
        "media": _media_on_disk(),
    }


def _media_on_disk() -> bool:
    return isinstance(default_storage, FileSystemStorage)


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    entry.mtime = int(datetime.now(UTC).timestamp())
    archive.addfile(entry, io.BytesIO(text.encode()))


def _postgres(name: str, *arguments: str) -> None:
    command, environment = _on_database(name, *arguments)
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise BackupError(f"{name} failed: {result.stderr.strip() or _ending(result.returncode)}")


def _fill_from(dump: Path) -> None:
    """Replaces what is in the database by what `pg_dump` wrote: all of it, or nothing.

    The end of the script is no sign that it is whole, whoever was killed: only `COMMIT` is, which comes last.
    """
    script = [str(embedded_postgres.program("pg_restore")), "--no-owner", "--no-privileges", "--file=-", str(dump)]
    command, environment = _on_database("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1")
    with tempfile.TemporaryFile() as unread, tempfile.TemporaryFile() as refused:
        reading = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=unread)  # noqa: S603
        filling = subprocess.Popen(  # noqa: S603
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=refused
        )
        assert reading.stdout and filling.stdin  # noqa: S101 (pipes, as was said)
        with contextlib.suppress(BrokenPipeError):  # psql has ended; if it refused something, it says what
            filling.stdin.write(
                b"SET client_min_messages = warning; BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
            )
            filling.stdin.write(_for_older_servers(reading.stdout.read(65536)))
            shutil.copyfileobj(reading.stdout, filling.stdin)
            if reading.wait() == 0:
                filling.stdin.write(b"COMMIT;\n")
            filling.stdin.close()
        reading.stdout.close()
        programs = [("pg_restore", reading.wait(), unread), ("psql", filling.wait(), refused)]
        if reading.returncode == -signal.SIGPIPE:  # nobody read on: that is psql's doing
            programs.reverse()
        for name, code, errors in programs:
            if code:
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip() if code > 0 else ""
                raise BackupError(f"{name} failed, and nothing was changed: {said or _ending(code)}")


def _ending(code: int) -> str:
    """How a program ended that did not say why."""
    if code >= 0:
        return f"it ended with {code}."
    name = signal.Signals(-code).name
    return f"{name} ended it" + (", as a machine does that has no memory left." if name == "SIGKILL" else ".")


def _for_older_servers(head: bytes) -> bytes:
    """The settings at the beginning of a script, without what only servers as new as our programs know."""
    return head.replace(b"SET transaction_timeout = 0;\n", b"", 1)  # known since PostgreSQL 17


def _on_database(name: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """A program of PostgreSQL's where Django's own connection leads; the password goes by the environment."""
    connection.ensure_connection()
    about = connection.connection.info
    command = [str(embedded_postgres.program(name)), "--dbname", make_conninfo(**about.get_parameters()), *arguments]
    return command, {**os.environ, "PGPASSWORD": about.password} if about.password else dict(os.environ)
