"""The demo organization shows every part of the studio with something in it."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone as clock
from wagtail.models import Comment

from cms.demo import content
from content_studio.library import LIBRARY, Tone
from content_studio.models import ReviewLink, SocialPost
from organizations.models import Organization, User

pytestmark = pytest.mark.django_db
WEEK = datetime.timedelta(days=8)


def test_the_demo_has_something_on_every_page_of_the_studio(client, settings):
    settings.DEMO = True
    call_command("demo")
    organization = Organization.objects.get(name=content.ORGANIZATION)
    client.force_login(User.objects.get(email="admin@demo.test"))

    for model in LIBRARY:
        assert model is Tone or model.objects.filter(organization=organization).exists(), model
    link = ReviewLink.objects.get(organization=organization)
    assert link.works and link.linked.exists()
    remark = Comment.objects.get()
    assert remark.page.specific.state == SocialPost.State.IN_REVIEW
    assert remark.page.specific.body[0].id in remark.contentpath
    post = remark.page.get_latest_revision_as_object()
    assert [each.text for each in post.wagtail_admin_comments.all()] == [content.REMARK]
    start = clock.now()
    asked = {"start": f"{start:%Y-%m-%dT00:00}", "end": f"{start + WEEK:%Y-%m-%dT00:00}", "slots": "1"}
    entries = client.get(reverse("calendar_entries"), asked).json()["entries"]
    assert any(entry["id"].startswith("slot-") for entry in entries)
