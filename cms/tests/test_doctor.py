"""The doctor names the cause, says the remedy, and goes on whatever is broken."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import RequestFactory

from billing.plans import PRO
from billing.tests.conftest import stripe  # noqa: F401  the stand-in for Stripe
from cms import database_disks, doctor
from cms.doctor import Verdict, ground
from cms.media import serve_media
from publishing.models import NetworkPause, Worker

pytestmark = pytest.mark.django_db


def ask(subject):
    return doctor.CHECKS[subject](subject)


@pytest.fixture
def service():
    """A service on loopback that takes the key `right`, and answers with `status` to everybody else."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            given = self.headers.get("Authorization", "") + self.headers.get("x-goog-api-key", "")
            self.server.paths.append(self.path)
            self.send_response(200 if given.endswith("right") else self.server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.status, server.paths = 401, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


SERVICES = [
    ("OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL", "/v1", "/v1/models"),
    ("Gemini", "GEMINI_API_KEY", "GEMINI_BASE_URL", "", "/v1beta/models"),
    ("Stripe", "STRIPE_SECRET_KEY", "STRIPE_API_BASE", "", "/v1/balance"),
]


@pytest.mark.parametrize(("subject", "key", "address", "path", "asked"), SERVICES)
def test_a_service_with_a_right_key_a_wrong_one_and_none(settings, service, subject, key, address, path, asked):
    setattr(settings, address, service.address + path)
    setattr(settings, key, "")
    assert ask(subject).verdict == Verdict.UNUSED
    setattr(settings, key, "right")
    assert ask(subject).verdict == Verdict.OK
    assert service.paths == [asked]
    setattr(settings, key, "wrong")
    found = ask(subject)
    assert found.verdict == Verdict.FAILED
    assert key in found.remedy
    assert "wrong" not in found.what + found.remedy


@pytest.mark.parametrize(("subject", "key", "address", "path", "asked"), SERVICES)
def test_a_service_that_cannot_be_reached(settings, subject, key, address, path, asked):
    setattr(settings, key, "right")
    setattr(settings, address, f"http://127.0.0.1:{closed_port()}{path}")
    assert ask(subject).verdict == Verdict.FAILED


def test_a_service_whose_limit_is_used_up_is_a_warning(settings, service):
    service.status = 429
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "other", service.address
    assert ask("OpenAI").verdict == Verdict.WARNING


def test_no_worker_is_a_failure_and_a_living_one_is_not():
    from django.utils import timezone

    assert ask("Worker").verdict == Verdict.FAILED
    Worker.objects.create(name="host-1", started_at=timezone.now(), seen_at=timezone.now())
    assert ask("Worker").verdict == Verdict.OK


def test_a_redis_that_does_not_answer_is_named(settings):
    assert ask("Redis").verdict == Verdict.UNUSED
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    found = ask("Redis")
    assert found.verdict == Verdict.FAILED
    assert "REDIS_URL" in found.remedy


def test_a_network_that_is_not_tried_for_now_is_named():
    from datetime import timedelta

    from django.utils import timezone

    NetworkPause.objects.create(host="mastodon.example", until=timezone.now() + timedelta(minutes=5))
    found = ask("Networks")
    assert found.verdict == Verdict.WARNING
    assert "mastodon.example" in found.what


def test_a_networks_app_with_half_of_its_keys_is_named(settings):
    settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "", ""
    assert ask("Network apps").verdict == Verdict.UNUSED
    settings.X_CLIENT_ID = "the-id"
    found = ask("Network apps")
    assert (found.verdict, "X: X_CLIENT_SECRET is missing" in found.what) == (Verdict.FAILED, True)
    settings.X_CLIENT_SECRET = "the-secret"
    found = ask("Network apps")
    assert (found.verdict, found.what) == (Verdict.OK, "X offered")


def test_background_work_that_nobody_begins_is_named():
    from datetime import timedelta

    from django.utils import timezone
    from django_q.models import OrmQ

    OrmQ.objects.create(key="content-studio", payload="", lock=timezone.now() + timedelta(minutes=15))  # in hand
    assert ask("Background work").verdict == Verdict.OK
    OrmQ.objects.create(key="content-studio", payload="", lock=timezone.now() - timedelta(minutes=6))
    found = ask("Background work")
    assert found.verdict == Verdict.FAILED
    assert "1 wait to be begun" in found.what


def test_plans_that_stripe_was_not_told_of_and_news_that_were_not_taken_are_named(stripe, settings, alice, acme):  # noqa: F811
    from djstripe.models import WebhookEventTrigger

    stripe.subscribe(acme, alice, PRO)
    stripe.deliver(list(stripe.account.stores["events"].values()))  # all of them once more
    assert ask("Plans for sale").verdict == Verdict.OK
    settings.BASE_URL = "https://moved.example.com"
    found = ask("Plans for sale")
    assert (found.verdict, found.what) == (Verdict.FAILED, "Stripe has not been told of the webhook's address")
    assert "billing_sync" in found.remedy
    settings.BASE_URL = "http://localhost:8000"
    (event, *_others) = stripe.account.stores["events"].values()
    assert stripe.post(event, secret="whsec_another").status_code == 400
    assert WebhookEventTrigger.objects.filter(valid=False).exists()
    assert "1 of Stripe's news of the last day were not taken" in ask("Plans for sale").what
    settings.STRIPE_SECRET_KEY = ""
    assert ask("Plans for sale").verdict == Verdict.UNUSED


def test_a_mail_server_that_does_not_answer_is_named(settings):
    settings.MAILER_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port()
    found = ask("Mail")
    assert found.verdict == Verdict.FAILED
    assert f"127.0.0.1:{settings.EMAIL_PORT}" in found.what


def test_media_that_cannot_be_written_are_a_failure(monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    assert ask("Media").verdict == Verdict.OK
    monkeypatch.setattr(ground.default_storage, "save", full)
    found = ask("Media")
    assert found.verdict == Verdict.FAILED
    assert "No space left" in found.what


@pytest.fixture
def media_server():
    """This installation's media as others fetch them, over HTTP on loopback."""

    class Media(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0].removeprefix("/media/")
            answer = serve_media(RequestFactory().get(self.path), path)
            self.send_response(answer.status_code)
            self.end_headers()
            self.wfile.write(b"".join(answer.streaming_content))

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Media)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_media_are_fetched_as_a_network_would(media_server, service, settings):
    settings.BASE_URL = media_server
    assert ask("Media, from outside").verdict == Verdict.OK
    settings.BASE_URL = service.address  # somebody else answers there
    found = ask("Media, from outside")
    assert found.verdict == Verdict.FAILED
    assert "401" in found.what
    settings.BASE_URL, settings.PRODUCTION = f"http://127.0.0.1:{closed_port()}", True
    found = ask("Media, from outside")
    assert found.verdict == Verdict.WARNING
    assert "BASE_URL" in found.remedy


def test_a_full_disk_is_a_warning(monkeypatch):
    assert ask("Disk").what
    monkeypatch.setattr(ground, "LEAST_FREE_DISK", 2.0)
    assert ask("Disk").verdict == Verdict.WARNING


@pytest.mark.parametrize("full", ["17/main", "18/main"])
def test_the_disk_of_every_postgresql_is_looked_at(monkeypatch, tmp_path, full):
    for cluster in ("17/main", "18/main"):
        (tmp_path / cluster).mkdir(parents=True)
    monkeypatch.setattr(database_disks, "DEBIAN", str(tmp_path / "*" / "*"))
    monkeypatch.setattr(database_disks, "host", lambda: "localhost")
    usage = ground.shutil.disk_usage
    full_one = type(usage(tmp_path))(2**40, 2**40 - 2**30, 2**30)
    monkeypatch.setattr(
        ground.shutil, "disk_usage", lambda place: full_one if place == tmp_path / full else usage(place)
    )
    found = ask("Disk")
    assert (found.verdict, found.what) == (Verdict.WARNING, f"1 GiB free (0%) at {tmp_path / full}")
    assert "move PostgreSQL's data" in found.remedy


def test_a_database_that_can_write_nothing_is_told_by_its_cause(monkeypatch):
    assert ask("Database").verdict == Verdict.OK  # with room for some pages
    monkeypatch.setattr(ground, "_has_room", lambda cursor: False)
    assert "no room left on its disk" in ask("Database").what


def test_a_superuser_of_the_database_is_a_warning_in_production(settings):
    settings.PRODUCTION = True  # the embedded server's user is one
    found = ask("Database")
    assert (found.verdict, "superuser" in found.what) == (Verdict.WARNING, True)


def test_a_database_that_is_gone_is_the_finding_and_the_other_checks_go_on(monkeypatch):
    class Gone:
        def cursor(self):
            raise DatabaseError("connection refused")

    monkeypatch.setattr(ground, "connection", Gone())
    found = {finding.subject: finding for finding in doctor.examine()}
    assert found["Database"].verdict == Verdict.FAILED
    assert "DATABASE_URL" in found["Database"].remedy
    assert found["Disk"].verdict == Verdict.OK
    assert list(found) == list(doctor.CHECKS)
    monkeypatch.setattr(database_disks, "SEGMENT", 2**62)
    assert "no room left for PostgreSQL's data at" in ask("Database").what
    assert "then start PostgreSQL" in ask("Database").remedy


def test_the_command_ends_with_1_when_something_does_not_work(capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor", "--json")
    found = json.loads(capsys.readouterr().out)
    assert {finding["subject"]: finding["verdict"] for finding in found}["Worker"] == "failed"
    assert {finding["subject"]: finding["verdict"] for finding in found}["Database"] == "ok"


def test_operators_read_the_findings_as_a_page(client, acme, alice):
    client.force_login(alice)
    assert client.get("/admin/installation/").status_code == 302  # an Owner is no operator
    alice.is_superuser = True
    alice.save()
    answer = client.get("/admin/installation/")
    for finding in doctor.examine():
        assert finding.subject in answer.text
    assert "none is running: nothing is published" in answer.text
    assert answer.text.index("Does not work") < answer.text.index("In order")


def test_mails_that_wait_too_long_are_named():
    from datetime import timedelta

    from django.utils import timezone
    from mailer.models import Message

    assert ask("Mails waiting").verdict == Verdict.OK
    Message.objects.create(message_data="", when_added=timezone.now() - timedelta(hours=2))
    found = ask("Mails waiting")
    assert found.verdict == Verdict.FAILED
    assert "1 wait" in found.what
