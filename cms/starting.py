"""Everything on one's own machine: database, demo data, web server and worker, until Ctrl-C.

`bin/start` runs this after it has made the virtual environment.
"""

import contextlib
import fcntl
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from honcho.environ import parse_procfile
from honcho.manager import Manager

from cms import baseline, embedded_postgres

BASE_DIR = embedded_postgres.BASE_DIR
VAR_DIR = BASE_DIR / "var"
READY_SECONDS = 60


class CannotStart(Exception):
    """Why, and what to do, in words for the person at the terminal."""


class MasterOnly:
    """Ends processes for honcho: asks only the process itself, not its children.

    A django-q2 cluster drains its workers when its master is asked to stop, and
    hangs when the workers are asked too.
    """

    def terminate(self, pid: int) -> None:
        self._signal(os.kill, pid, signal.SIGTERM)

    def kill(self, pid: int) -> None:
        self._signal(os.killpg, pid, signal.SIGKILL)

    @staticmethod
    def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            send(pid, number)


def main() -> int:
    began = float(os.environ.get("BEGAN") or time.time())
    signal.signal(signal.SIGTERM, _end)
    port = int(os.environ.get("PORT") or 8000)
    address = f"http://localhost:{port}"
    os.environ["PORT"] = str(port)
    os.environ.setdefault("BASE_URL", address)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.dev")
    if platform.system() == "Darwin":
        # The worker forks; without this macOS ends a forked process that has used its frameworks.
        os.environ.setdefault("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", "YES")
    VAR_DIR.mkdir(exist_ok=True)
    try:
        running = _only_one(address)
        _refuse_taken(port)
        try:
            prepare_database()
            return _serve(address, began=began)
        finally:
            if embedded_postgres.stop_if_unused():
                print("PostgreSQL has stopped.")
            running.close()
    except (CannotStart, embedded_postgres.EmbeddedPostgresError) as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130


def _end(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


def _only_one(address: str) -> TextIO:
    """The lock that says "running in this directory"; whoever holds it has written its address inside."""
    running = (VAR_DIR / "start.lock").open("a+")
    try:
        fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        running.seek(0)
        where = running.read().strip() or "another terminal"
        raise CannotStart(f"Content Studio is already running from this directory: {where}\n{_doors(where)}") from None
    running.truncate(0)
    running.write(address)
    running.flush()
    return running


def _refuse_taken(port: int) -> None:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as client:
                client.settimeout(1)
                taken = client.connect_ex((host, port)) == 0
        except OSError:
            continue
        if taken:
            raise CannotStart(f"Port {port} is in use by another program. Choose another: PORT={port + 1} bin/start")


def prepare_database() -> None:
    """Afterwards the database answers (the embedded one, where it is used) and has its tables, pages and demo data."""
    if not embedded_postgres.is_used():
        _say("Bringing the database of DATABASE_URL up to date; from empty this takes a minute or two …")
        _manage("prepare")
        return
    _say("Starting PostgreSQL in var/postgres …")
    embedded_postgres.ensure_running()
    database = embedded_postgres.database_name()
    if baseline.stamp_of(database) == baseline.fingerprint():
        return
    _say("Bringing the database up to date …")
    if baseline.FILE.exists() and baseline.is_empty(database):
        baseline.restore(database)
    _manage("prepare")
    baseline.stamp(database)


def _manage(*arguments: str) -> None:
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    environment = {"LOG_LEVEL": "WARNING", **os.environ}  # a line for each page made is of no use here
    result = subprocess.run(command, cwd=BASE_DIR, env=environment, check=False)  # noqa: S603
    if result.returncode:
        raise CannotStart(f"`manage.py {' '.join(arguments)}` failed; the lines above say why.")


def _serve(address: str, *, began: float) -> int:
    processes = parse_procfile((BASE_DIR / "Procfile").read_text()).processes
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    manager = Manager()
    manager._procmgr = MasterOnly()
    for name, command in processes.items():
        if name != "release":
            manager.add_process(name, command, env=environment, cwd=str(BASE_DIR))
    _say("Starting the web server and the worker …")
    over = threading.Event()
    threading.Thread(target=_announce, args=(address, began, over), daemon=True).start()
    try:
        manager.loop()
    finally:
        over.set()
    return 0 if manager.returncode in (130, 143) else manager.returncode or 0


def _announce(address: str, began: float, over: threading.Event) -> None:
    """Says that all is ready once the server has answered, and where to go."""
    deadline = time.monotonic() + READY_SECONDS
    while not over.wait(0.1):
        if _answers(f"{address}/health/ready/"):
            _say(f"\nContent Studio is ready after {time.time() - began:.0f} s.\n{_doors(address)}")
            return
        if time.monotonic() > deadline:
            _say(f"\nThe web server has not answered for {READY_SECONDS} s. Its lines above (`web.1`) say why.")
            return


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _doors(address: str) -> str:
    return f"""
  Studio              {address}/admin/
  Public site         {address}/
  API documentation   {address}/api/schema/swagger-ui/

  Log in with the password demo-studio as
    owner@demo.test   admin@demo.test   member@demo.test   viewer@demo.test

  Ctrl-C ends everything.
"""


if __name__ == "__main__":
    sys.exit(main())
