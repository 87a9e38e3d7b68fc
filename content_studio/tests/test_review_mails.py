import datetime

import pytest
from django.core import mail
from django.utils import timezone as clock
from wagtail.models import TaskState
from wagtail.users.models import UserProfile

from content_studio import planning, stages
from content_studio.factories import make_post
from content_studio.review_mails import remind_reviewers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return lambda: {(message.to[0], message.subject.split(":")[0]) for message in mail.outbox}


@pytest.fixture
def post(acme, alice, adam, bob):
    return make_post(acme, user=bob, text="Our <b>kettle</b> & more")


def test_reviewers_are_asked_in_the_products_words_with_text_and_html(post, sent, alice, adam, bob):
    planning.submit_post(post, user=bob)
    assert sent() == {(person.email, "Please review") for person in (alice, adam)}
    message = mail.outbox[0]
    html = message.alternatives[0][0]
    for body in (message.body, html):
        assert f"/admin/posts/{post.pk}/" in body and "Bob asks for a review" in body
        assert "page" not in body.lower() and "moderation" not in body.lower()
    assert "Our <b>kettle</b> & more" in message.body
    assert "Our &lt;b&gt;kettle&lt;/b&gt; &amp; more" in html


def test_the_author_is_told_of_changes_and_of_approval_and_of_nothing_they_did_themselves(post, sent, adam, bob):
    planning.submit_post(post, user=bob)
    mail.outbox.clear()
    planning.request_changes(post, user=adam, comment="Less steam")
    assert sent() == {(bob.email, "Changes requested")} and "Less steam" in mail.outbox[0].body
    planning.submit_post(post, user=bob)
    mail.outbox.clear()
    planning.approve_post(post, user=adam)
    assert sent() == {(bob.email, "Approved")}


def test_nobody_gets_mails_that_they_have_switched_off(post, sent, alice, adam, bob):
    UserProfile.objects.update_or_create(user=adam, defaults={"submitted_notifications": False})
    UserProfile.objects.update_or_create(user=bob, defaults={"rejected_notifications": False})
    planning.submit_post(post, user=bob)
    assert sent() == {(alice.email, "Please review")}
    mail.outbox.clear()
    planning.request_changes(post, user=adam, comment="No")
    assert not mail.outbox


def test_a_reminder_comes_once_a_day_after_the_time_is_over_and_then_stops(acme, post, sent, alice, adam, bob):
    (stage,) = stages.stages_of(acme)
    stages.save_stage(acme, user=alice, name="Brand", approvers=[adam], due_hours=24, stage=stage)
    planning.submit_post(post, user=bob)
    assert "To be decided by" in mail.outbox[0].body
    told = []
    for hours in (1, 25, 26, 49, 73, 97, 200):
        mail.outbox.clear()
        TaskState.objects.update(started_at=clock.now() - datetime.timedelta(hours=hours))
        told.append((remind_reviewers(), sent()))
    mine = {(adam.email, "Still waiting for your review")}
    assert told == [(0, set()), (1, mine), (0, set()), (1, mine), (1, mine), (0, set()), (0, set())]


def test_nobody_is_reminded_of_what_is_decided(acme, post, sent, alice, adam, bob):
    (stage,) = stages.stages_of(acme)
    stages.save_stage(acme, user=alice, name="Brand", due_hours=1, stage=stage)
    planning.submit_post(post, user=bob)
    planning.approve_post(post, user=adam)
    TaskState.objects.update(started_at=clock.now() - datetime.timedelta(hours=5))
    assert remind_reviewers() == 0
