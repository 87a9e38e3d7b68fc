"""Mails wait in the database until the mail server has taken them.

Whatever sends a mail only keeps it, in the transaction that it tells of: a mail
server that is down costs nobody an error page and loses nothing. Workers send
what waits at once, and again later what the server did not take. The rows are
django-mailer's; nothing of a mail's content is kept once it is sent.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task
from mailer import engine
from mailer.backend import DbBackend
from mailer.models import RESULT_FAILURE, RESULT_SUCCESS, Message, MessageLog

from .walls import outside_walls

KEEP_LOG_DAYS = 30

logger = logging.getLogger(__name__)


class QueuedBackend(DbBackend):
    """Django's `EMAIL_BACKEND`: keeps mails, and asks a worker to send them once the transaction is through."""

    def send_messages(self, email_messages) -> int:
        for mail in email_messages:
            mail.connection = None
            mail.subject = str(mail.subject)  # in the language of now, not of the worker
        with outside_walls():  # no request may read the queue, not even the row that it has just written
            kept = super().send_messages(email_messages)
        # Where the task cannot be handed on, the next minute's round finds the row.
        transaction.on_commit(lambda: async_task("organizations.tasks.send_mails"), robust=True)
        return kept


def send_waiting() -> None:
    """Sends what waits. Several workers may do so at once: each mail is sent by one of them."""
    engine.send_all()


def try_again() -> int:
    """Lets mails that were not taken wait for the next round, and forgets old results. Returns how many wait again."""
    MessageLog.objects.purge_old_entries(KEEP_LOG_DAYS, [RESULT_SUCCESS, RESULT_FAILURE])
    return Message.objects.retry_deferred()


def put_aside(connection, message: Message, error: Exception):
    """django-mailer's `MAILER_ERROR_HANDLER`: whatever went wrong, the mail is kept and the others go on."""
    logger.warning("A mail was not taken by the mail server: %s", type(error).__name__)
    MessageLog.objects.log(message, RESULT_FAILURE, log_message=str(error)[:1000])
    message.defer()
    return None, "deferred"


def waiting_longer_than(age: timedelta):
    """Mails that ought to be with the mail server by now, the oldest first."""
    return Message.objects.filter(when_added__lt=timezone.now() - age).order_by("when_added")
