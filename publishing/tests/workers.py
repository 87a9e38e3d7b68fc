"""Real django-q2 clusters for tests: processes of their own, on the test's database, with its broker."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)


def database_url() -> str:
    database = connection.settings_dict
    host, port = database["HOST"], database["PORT"]
    query = f"?host={host}" if str(host).startswith("/") else ""
    place = "" if query else f"{host}:{port or 5432}"
    return f"postgresql://{database['USER']}:{database['PASSWORD']}@{place}/{database['NAME']}{query}"


def children(pid: int) -> list[int]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(pid).children()]
    return []


class Cluster:
    """A `qcluster` process. `senders()` are its worker processes: those that hold a dispatcher."""

    def __init__(self, *, workers=2, threads=25, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "manage.py", "qcluster"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "cms.settings.test"),
                "DATABASE_URL": database_url(),
                "WORKERS": str(workers),
                "PUBLISHING_THREADS": str(threads),
                "PUBLISHING_DISPATCH": "1",
                **environment,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def senders(self) -> list[int]:
        """Process ids of workers that said they are alive."""
        with psycopg.connect(database_url(), autocommit=True) as database:
            names = [row[0] for row in database.execute("SELECT name FROM publishing_worker").fetchall()]
        mine = {child for sentinel in children(self.process.pid) for child in children(sentinel)}
        return sorted({int(name.rsplit("-", 2)[1]) for name in names} & mine)

    def wait(self, *, workers=1, seconds=30):
        give_up = time.monotonic() + seconds
        while len(self.senders()) < workers:
            if time.monotonic() > give_up or self.process.poll() is not None:
                raise AssertionError("The cluster did not start")
            time.sleep(0.1)
        return self

    def stop(self):
        """Asks the master to drain, as a process runner does."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """Everything at once, without a chance to clean up."""
        for sentinel in children(self.process.pid):
            for child in children(sentinel):
                _kill(child)
            _kill(sentinel)
        _kill(self.process.pid)
        self.process.wait()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
