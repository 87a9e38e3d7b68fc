"""What `bin/start` says to the person at the terminal, and where the embedded server puts itself."""

import os
import socket
import subprocess
import sys

import pytest
from django.core.management import call_command

from cms import baseline, embedded_postgres, starting
from home.models import HomePage
from organizations.models import User


def test_a_port_in_use_is_named_with_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(starting.CannotStart, match=f"Port {port} is in use.*PORT={port + 1} bin/start"):
            starting._refuse_taken(port)


def test_a_second_start_says_where_the_first_one_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(starting, "VAR_DIR", tmp_path)
    first = starting._only_one("http://localhost:8123")
    with pytest.raises(starting.CannotStart, match="already running from this directory: http://localhost:8123"):
        starting._only_one("http://localhost:8124")
    first.close()
    starting._only_one("http://localhost:8124").close()


def test_only_the_process_itself_is_asked_to_end_not_its_children(tmp_path):
    ended = tmp_path / "child-was-asked"
    child = f"trap 'touch {ended}' TERM; sleep 30 & wait $!"
    parent = subprocess.Popen(
        ["sh", "-c", f"trap 'exit 7' TERM; sh -c \"{child}\" & echo up; wait"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        parent.stdout.readline()
        starting.MasterOnly().terminate(parent.pid)
        assert parent.wait(timeout=5) == 7
        assert not ended.exists()
    finally:
        starting.MasterOnly().kill(parent.pid)


@pytest.mark.parametrize("place", ["short", "with a space & more", "d" * 90])
def test_the_embedded_server_works_wherever_the_checkout_lies(place, tmp_path):
    """In a process of its own, which starts a server, asks it, and stops it."""
    program = """
from cms import embedded_postgres as e
assert e.ensure_running() and e.is_running()
assert e.sql("SELECT 6 * 7").strip() == "42"
assert e.stop_if_unused() and not e.is_running()
"""
    directory = tmp_path / place / "postgres"
    directory.parent.mkdir()
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "EMBEDDED_POSTGRES_DIR": str(directory)},
        cwd=embedded_postgres.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


def test_a_short_path_keeps_the_socket_beside_the_data_and_a_long_one_does_not(monkeypatch):
    monkeypatch.setenv("EMBEDDED_POSTGRES_DIR", "/srv/studio/var/postgres")
    assert embedded_postgres.socket_directory() == embedded_postgres.directory()
    monkeypatch.setenv("EMBEDDED_POSTGRES_DIR", f"/srv/{'d' * 90}/postgres")
    assert len(str(embedded_postgres.socket_directory())) < 60


@pytest.mark.skipif(not embedded_postgres.is_used(), reason="the baseline is for the embedded server")
def test_the_baseline_restores_into_an_empty_database():
    embedded_postgres.create_database("content_studio_from_baseline")
    try:
        assert baseline.is_empty("content_studio_from_baseline")
        baseline.restore("content_studio_from_baseline")
        assert not baseline.is_empty("content_studio_from_baseline")
    finally:
        embedded_postgres.drop_database("content_studio_from_baseline")


@pytest.mark.django_db
def test_a_fresh_site_without_pages_leads_to_the_studio_and_preparing_gives_it_a_home_page(client, settings):
    settings.DEMO = False
    before = client.get("/")
    assert before.status_code == 200
    assert "/admin/" in before.text

    call_command("prepare", verbosity=0)
    call_command("prepare", verbosity=0)

    assert HomePage.objects.count() == 1
    assert not User.objects.exists()
    assert client.get("/").context["page"].specific_class is HomePage


def test_web_processes_begin_with_their_templates_where_they_are_kept_and_without_a_connection(settings):
    """In a process of its own, whose database cannot be reached: a web server must start all the same."""
    asks = (
        "import django; django.setup()\n"
        "from cms import warming; warming.warm()\n"
        "from django.db import connection\n"
        "from django.template import Engine\n"
        "kept = Engine.get_default().template_loaders[0].get_template_cache\n"
        "assert 'content_studio/posts/table.html' in kept and 'wagtailadmin/pages/edit.html' in kept\n"
        "assert connection.connection is None\n"
    )
    away = {"DATABASE_URL": "postgres://nobody:x@127.0.0.1:9/none", "DEBUG": "False"}
    environment = os.environ | away | {"DJANGO_SETTINGS_MODULE": "cms.settings.dev"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", asks], cwd=settings.BASE_DIR, env=environment, check=True)
