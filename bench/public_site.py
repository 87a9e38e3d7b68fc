"""The public site as a server shows it: production settings, hashed static files, kept pages, first content."""

import base64
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cms import baseline, embedded_postgres

ROOT = Path(__file__).resolve().parent.parent
# Static files that no page of the public site asks for; leaving them out saves minutes.
OF_OTHERS = ["wagtail*", "admin", "drf_spectacular_sidecar", "rest_framework", "content_studio", "publishing", "debug*"]


@contextmanager
def public_site(port: int) -> Iterator[str]:
    """Yields the address of the site, which has a database of its own and leaves nothing behind."""
    embedded_postgres.ensure_running()
    database = f"bench_site_{uuid.uuid4().hex[:12]}"
    address = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory() as static:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "bench.public_site_settings",
            "DATABASE_URL": embedded_postgres.url(database),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "ALLOWED_HOSTS": "localhost",
            "BASE_URL": address,
            "BENCH_STATIC_ROOT": static,
            "LOG_LEVEL": "ERROR",
            "PORT": str(port),
        }
        embedded_postgres.create_database(database, template=baseline.test_template())
        try:
            ignored = [f"--ignore={name}" for name in OF_OTHERS]
            manage(environment, "collectstatic", "--noinput", "--skip-checks", *ignored)
            manage(environment, "site_content", "--skip-checks")
            command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "cms/gunicorn.py", "cms.wsgi"]
            log = Path(static) / "server.log"
            with running(command, environment, log):
                wait_for(address, log)
                yield address
        finally:
            embedded_postgres.drop_database(database)


def manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"manage.py {arguments[0]} failed:\n{done.stderr[-2000:]}")


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def wait_for(address: str, log: Path) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=20).close()
            return
        time.sleep(0.25)
    raise SystemExit(f"Nothing answers at {address}:\n{log.read_text()[-3000:]}")
