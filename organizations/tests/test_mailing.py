"""A mail server that is down costs nobody an error page, and no mail."""

import smtplib
import socket
import socketserver
import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage, send_mail
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_q.models import OrmQ
from mailer.models import Message, MessageLog

from organizations import mailing, team
from organizations.models import Invitation, Role
from organizations.walls import behind_wall_of, standing

pytestmark = pytest.mark.django_db


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP as Django's client speaks. Refuses what the server is told to refuse."""

    def handle(self):
        self._say("220 post.test")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            command = line.upper()
            if command.startswith("EHLO"):
                self._say("250 post.test")
            elif command.startswith("RCPT"):
                recipient = line.partition("<")[2].rstrip(">")
                self._say("550 no such mailbox" if recipient in self.server.refuses else "250 ok")
            elif command == "DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(text)
                self.server.taken.append((recipient, "".join(lines)))
                self._say("250 ok")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture(autouse=True)
def _queued(settings):
    settings.EMAIL_BACKEND = "organizations.mailing.QueuedBackend"
    settings.MAILER_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", _closed_port()


def _closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def mail_server(settings):
    """Call it to start the mail server; before that nobody answers."""
    servers = []

    def start(*, refuses=()):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", settings.EMAIL_PORT), Post)
        server.taken, server.refuses, server.daemon_threads = [], set(refuses), True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_mail_waits_while_the_mail_server_is_down_and_is_sent_once_when_it_is_back(acme, alice, mail_server):
    invitation = team.invite(acme, email="dana@example.test", role=Role.VIEWER, user=alice)
    mailing.send_waiting()
    assert Message.objects.get().priority == 4  # put aside, not lost
    assert "dana" not in MessageLog.objects.get().log_message

    server = mail_server()
    mailing.try_again()
    mailing.send_waiting()
    mailing.send_waiting()

    [(recipient, text)] = server.taken
    assert recipient == "dana@example.test"
    assert "/invitations/" in text
    assert not Message.objects.exists()
    assert MessageLog.objects.exclude(message_data=None).count() == 0  # the link in it is nowhere any more
    assert Invitation.objects.get() == invitation


def test_a_worker_is_asked_as_soon_as_the_transaction_is_through(django_capture_on_commit_callbacks):
    OrmQ.objects.all().delete()  # of tests that commit
    with django_capture_on_commit_callbacks(execute=True):
        send_mail("Hello", "World", None, ["dana@example.test"])
        assert not OrmQ.objects.exists()
    assert OrmQ.objects.get().task["func"] == "organizations.tasks.send_mails"


def test_one_mail_that_cannot_be_sent_does_not_hold_up_the_others(mail_server):
    server = mail_server(refuses=["nobody@example.test"])
    for name in ("nobody", "dana", "eve"):
        send_mail("Hello", "World", None, [f"{name}@example.test"])
    broken = EmailMessage("Hello", "World", "not an\naddress", ["fay@example.test"])
    broken.send()

    mailing.send_waiting()

    assert [recipient for recipient, _text in server.taken] == ["dana@example.test", "eve@example.test"]
    assert Message.objects.deferred().count() == 2


def test_a_request_can_neither_read_the_queue_nor_lose_a_mail(acme, alice):
    with standing(behind_wall_of(acme, user=alice)):
        EmailMessage(_("Hello"), "World", None, ["dana@example.test"]).send()
        assert Message.objects.count() == 0
    assert Message.objects.get().email.subject == "Hello"


def test_a_mail_that_was_rolled_back_with_what_it_tells_of_is_never_sent(mail_server):
    from django.db import transaction

    server = mail_server()
    with pytest.raises(smtplib.SMTPException), transaction.atomic():
        send_mail("Hello", "World", None, ["dana@example.test"])
        raise smtplib.SMTPException
    mailing.send_waiting()
    assert server.taken == []


def test_what_waits_too_long_is_found():
    send_mail("Hello", "World", None, ["dana@example.test"])
    assert not mailing.waiting_longer_than(timedelta(minutes=5))
    Message.objects.update(when_added=timezone.now() - timedelta(minutes=6))
    assert mailing.waiting_longer_than(timedelta(minutes=5))
