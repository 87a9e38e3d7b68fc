"""The image has what runs in it, and the compose file asks for nothing that is not there. No engine is needed."""

import fnmatch
import importlib.util
import json
import re
import shlex
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import yaml
from django.conf import settings
from django.core.management import get_commands

from cms.embedded_postgres import BASE_DIR
from cms.healthcheck import READY

ROOMS = [app for app in settings.INSTALLED_APPS if (BASE_DIR / app / "__init__.py").exists()]
COMPOSE = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())


def is_in_the_image(path):
    """As `.dockerignore` says it: the last line that matches the file, or a directory above it, decides."""
    taken = True
    for line in (BASE_DIR / ".dockerignore").read_text().split():
        pattern = line.removeprefix("!")
        parts = path.split("/")
        above = ["/".join(parts[: number + 1]) for number in range(len(parts))]
        names = parts if pattern.startswith("**/") else above
        if any(fnmatch.fnmatchcase(name, pattern.removeprefix("**/")) for name in names):
            taken = line.startswith("!")
    return taken


def commands():
    """Every command that the image or a service runs, as a list of words."""
    dockerfile = (BASE_DIR / "Dockerfile").read_text()
    yield from (re.findall(r'"([^"]+)"', line) for line in re.findall(r"CMD (\[.*\])", dockerfile))
    yield from (shlex.split(line)[1:] for line in (BASE_DIR / "Procfile").read_text().splitlines())
    for service in COMPOSE["services"].values():
        if service.get("image", "").startswith("content-studio") and "command" in service:
            yield service["command"]


def test_every_room_is_in_the_image_and_its_tests_are_not():
    assert "webhooks" in ROOMS
    assert [room for room in ROOMS if not is_in_the_image(f"{room}/models.py")] == []
    needed = ["manage.py", "requirements.txt", "bin/uv.txt", "templates/base.html", "static/x.css", "cms/gunicorn.py"]
    assert [path for path in needed if not is_in_the_image(path)] == []
    kept_out = [".env", ".git/config", "var/postgres/PG_VERSION", "billing/tests/conftest.py", "billing/factories.py"]
    assert [path for path in kept_out if is_in_the_image(path)] == []


def test_what_the_image_and_the_services_run_exists():
    found = 0
    for words in commands():
        words = [word for word in words if word not in ("exec", "python", "-W", "ignore")]
        if words[0] == "manage.py":
            assert words[1] in get_commands(), words
        elif words[0] == "-m":
            assert importlib.util.find_spec(words[1]), words
        found += 1
    assert found >= 6
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (BASE_DIR / "Dockerfile").read_text(), re.M)
    assert [name for line in copied for name in line.split() if not (BASE_DIR / name).exists()] == []


def test_services_depend_on_each_other_and_mount_only_what_is_there():
    for name, service in COMPOSE["services"].items():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"]), name
        for each in service.get("volumes", []):
            source = each.split(":")[0]
            assert source in COMPOSE["volumes"] or (BASE_DIR / source).exists(), f"{name}: {source}"
        if "/tmp" not in service.get("tmpfs", []):
            continue
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name


def test_the_health_check_of_the_image_asks_the_web_server_and_needs_no_settings():
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == READY else 404)
            self.end_headers()

        def log_message(self, *args):
            pass

    command = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])", (BASE_DIR / "Dockerfile").read_text(), re.S)[1]
    words = [sys.executable, *json.loads(command)[1:]]
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        environment = {"PORT": str(server.server_port), "PATH": ""}
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        ready = subprocess.run(words, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
        server.shutdown()
    gone = subprocess.run(words, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert (ready.returncode, gone.returncode, ready.stderr + gone.stderr) == (0, 1, "")


def test_what_an_operator_has_to_say_to_compose_is_in_the_guide():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (BASE_DIR / "docker-compose.yml").read_text()))
    guide = (BASE_DIR / "docs" / "deployment.md").read_text()
    assert sorted(name for name in asked if name not in guide) == []


def test_the_image_is_built_as_hadolint_advises():
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, BASE_DIR / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
