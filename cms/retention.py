"""What is forgotten, and after how long. Runs once a day; `docs/retention.md` shows the table to people.

Here stands what no other room forgets by itself: traces of people who are gone
or have only passed by, and what third parties' packages leave behind. What an
organization wrote stays until it deletes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Task
from djstripe.models import WebhookEventTrigger
from wagtail.admin.models import EditingSession, FormState
from wagtail.contrib.search_promotions.models import QueryDailyHits
from wagtail.models import UploadedFile

from home.models import ContactMessage, Subscription
from organizations.models import Invitation

BATCH = 1000  # rows a statement: nobody waits for a long one


@dataclass(frozen=True)
class Rule:
    """`before(moment)` are the rows that are older than allowed when that moment is `after` ago."""

    what: str
    why: str
    after: timedelta
    before: Callable[[datetime], QuerySet]


RULES = [
    Rule(
        "Messages from the contact form",
        "A year is enough to come back to one.",
        timedelta(days=365),
        lambda moment: ContactMessage.objects.filter(created_at__lt=moment),
    ),
    Rule(
        "Addresses for the newsletter that were never confirmed",
        "Somebody else may have typed them.",
        timedelta(days=14),
        lambda moment: Subscription.objects.filter(confirmed_at=None, asked_at__lt=moment),
    ),
    Rule(
        "Invitations that nobody took",
        "They hold the address of somebody who never came.",
        timedelta(days=90),
        lambda moment: Invitation.objects.filter(expires_at__lt=moment, accepted_at=None),
    ),
    Rule(
        "Where somebody was signed in: address and browser",
        "Of use only while the session can be ended: a day after that.",
        timedelta(days=1),
        lambda moment: UserSession.objects.filter(last_seen_at__lt=moment).exclude(
            session_key__in=Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
        ),
    ),
    Rule(
        "What was searched for on the public site, by day",
        "Trends, not history.",
        timedelta(days=90),
        lambda moment: QueryDailyHits.objects.filter(date__lt=moment.date()),
    ),
    Rule(
        "Stripe's news as they came, with headers",
        "To look into a mistake; what they changed is kept elsewhere.",
        timedelta(days=90),
        lambda moment: WebhookEventTrigger.objects.filter(created__lt=moment),
    ),
    Rule(
        "Background tasks that failed",
        "Their cause is looked into within weeks or never.",
        timedelta(days=30),
        lambda moment: Task.objects.filter(stopped__lt=moment),
    ),
    Rule(
        "Who has an editor open",
        "Left behind when a browser is closed.",
        timedelta(days=7),
        lambda moment: EditingSession.objects.filter(last_seen_at__lt=moment),
    ),
    Rule(
        "What stands in a preview",
        "Left behind likewise.",
        timedelta(days=7),
        lambda moment: FormState.objects.filter(last_updated_at__lt=moment),
    ),
    Rule(
        "Files of an upload that was begun and not finished",
        "Nobody can reach them any more.",
        timedelta(days=7),
        lambda moment: UploadedFile.objects.filter(pk__in=_abandoned(moment)),
    ),
]


def forget(now: datetime | None = None) -> dict[str, int]:
    """Deletes what is older than its rule allows; returns how many rows of each kind."""
    now = now or timezone.now()
    return {rule.what: _delete(rule.before(now - rule.after)) for rule in RULES}


def _delete(rows: QuerySet) -> int:
    gone = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        batch = rows.model._base_manager.filter(pk__in=keys)
        files = [row.file for row in batch] if rows.model is UploadedFile else []
        batch.delete()
        gone += len(keys)
        for file in files:
            file.storage.delete(file.name)
    return gone


def _abandoned(moment: datetime) -> list[int]:
    """Uploads whose file lies there since before `moment`: the rows themselves do not know their age."""

    def is_old(file) -> bool:
        try:
            return file.storage.get_modified_time(file.name) < moment
        except FileNotFoundError:
            return True

    return [row.pk for row in UploadedFile.objects.all() if is_old(row.file)]
