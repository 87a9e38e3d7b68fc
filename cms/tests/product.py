"""The whole product for journeys: a database of its own with the demo organization, web server and worker."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

from django.conf import settings

from cms import baseline, embedded_postgres

PASSWORD = "demo-studio"
PATIENCE = 90  # seconds, on a busy machine


class Product:
    """`with Product() as product:` everything answers at `product.url`; afterwards nothing is left."""

    def __init__(self, **environment: str):
        self.database = f"journey_{uuid.uuid4().hex[:12]}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
            "EMBEDDED_POSTGRES_DATABASE": self.database,
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "BASE_URL": self.url,
            "PORT": str(self.port),
            "WORKERS": "1",
            "PUBLISHING_THREADS": "5",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "WARNING",
            **environment,
        }
        self.processes: list[subprocess.Popen] = []

    def __enter__(self) -> "Product":
        embedded_postgres.create_database(self.database, template=baseline.test_template())
        try:
            self.manage("demo")
            self._start("-m", "gunicorn", "--config", "cms/gunicorn.py", "cms.wsgi")
            self.worker = self.start_worker()
            self._wait_for_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        embedded_postgres.drop_database(self.database)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def start_worker(self) -> subprocess.Popen:
        return self._start("manage.py", "qcluster")

    def kill_worker(self) -> None:
        """The worker and all its processes at once, without a chance to clean up."""
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.processes.remove(self.worker)

    def _start(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def _wait_for_answer(self) -> None:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/accounts/login/", timeout=10):
                    return
            except (OSError, urllib.error.URLError):
                assert time.monotonic() < give_up, "The web server does not answer."
                time.sleep(0.3)
