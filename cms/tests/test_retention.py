"""What nobody needs any more goes, and what people wrote stays."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import Task
from djstripe.models import WebhookEventTrigger
from wagtail.admin.models import EditingSession, FormState
from wagtail.contrib.search_promotions.models import Query, QueryDailyHits
from wagtail.models import UploadedFile

from cms import retention
from content_studio.factories import make_post
from content_studio.models import SocialPost
from home.models import ContactMessage, Subscription
from organizations import team
from organizations.models import Invitation, Role

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def one_of_each(acme, alice):
    """A row under every rule, made now; returns each as (rule's words, model, key)."""
    post = make_post(acme, user=alice)
    kind = post.content_type
    rows = [
        ContactMessage.objects.create(name="Dana", email="dana@example.test", text="Hello", sender="x"),
        Subscription.objects.create(email="eve@example.test", sender="x"),
        team.invite(acme, email="fay@example.test", role=Role.VIEWER, user=alice),
        UserSession.objects.create(user=alice, ip="192.0.2.1", session_key="gone", user_agent="Browser"),
        QueryDailyHits.objects.create(query=Query.get("kettle"), date=NOW.date(), hits=3),
        WebhookEventTrigger.objects.create(remote_ip="192.0.2.1", headers={}, body="{}"),
        Task.objects.create(id="a" * 32, name="broken", func="x.y", started=NOW, stopped=NOW, success=False),
        EditingSession.objects.create(user=alice, content_type=kind, object_id=post.pk, last_seen_at=NOW),
        FormState.objects.create(user=alice, content_type=kind, object_id=post.pk, data="a=b", last_updated_at=NOW),
        UploadedFile.objects.create(file=ContentFile(b"half", "half.png"), uploaded_by_user=alice),
    ]
    assert len(rows) == len(retention.RULES)
    return list(zip(retention.RULES, rows, strict=True))


@pytest.mark.parametrize("number", range(len(retention.RULES)))
def test_what_is_too_old_is_forgotten_and_what_is_not_is_kept(acme, alice, number):
    rule, row = one_of_each(acme, alice)[number]
    waits = Invitation.LIFETIME if isinstance(row, Invitation) else timedelta()
    slack = timedelta(days=2)  # days are counted whole somewhere

    retention.forget(NOW + waits + rule.after - slack)
    assert type(row).objects.filter(pk=row.pk).exists() or rule.after < slack

    found = retention.forget(NOW + waits + rule.after + slack)
    assert not type(row).objects.filter(pk=row.pk).exists()
    assert found[rule.what] == 1 or rule.after < slack


def test_the_file_of_an_unfinished_upload_goes_with_it(acme, alice):
    row = UploadedFile.objects.create(file=ContentFile(b"half", "half.png"), uploaded_by_user=alice)
    assert default_storage.exists(row.file.name)
    retention.forget(NOW + timedelta(days=8))
    assert not default_storage.exists(row.file.name)


def test_what_people_wrote_said_yes_to_or_still_use_stays_for_ever(acme, alice, bob):
    post = make_post(acme, user=bob)
    Subscription.objects.create(email="eve@example.test", sender="x", confirmed_at=NOW)
    session = SessionStore()
    session.set_expiry(NOW + timedelta(days=9000))
    session.create()
    UserSession.objects.create(user=bob, ip="192.0.2.1", session_key=session.session_key, user_agent="Browser")
    retention.forget(NOW + timedelta(days=3650))
    assert SocialPost.objects.get() == post
    assert post.revisions.exists()
    assert Subscription.objects.exists()
    assert UserSession.objects.exists()


def test_people_can_read_every_rule():
    page = (settings.BASE_DIR / "docs" / "retention.md").read_text()
    for rule in retention.RULES:
        days = f"{rule.after.days} day{'s' if rule.after.days > 1 else ''}"
        assert f"| {rule.what} | {days} | {rule.why} |" in page
