import datetime

import pytest
from django.urls import reverse

from content_studio.factories import make_post
from content_studio.models import SocialPost

pytestmark = pytest.mark.django_db


def test_a_locked_post_says_by_whom_and_when_in_the_organizations_time(client, acme, bob, adam):
    acme.timezone = "Europe/Berlin"
    acme.save()
    post = make_post(acme, user=bob)
    at = datetime.datetime(2027, 1, 4, 8, 30, tzinfo=datetime.UTC)
    SocialPost.objects.filter(pk=post.pk).update(locked=True, locked_by=adam, locked_at=at)
    client.force_login(bob)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[post.pk])).content.decode()
    assert "Locked by Adam: Mon 4 Jan 2027, 09:30 Europe/Berlin. You can read it" in page
    assert "In review: locked" not in page and "Save draft" not in page
    client.force_login(adam)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[post.pk])).content.decode()
    assert "Locked by you: Mon 4 Jan 2027" in page and "Save draft" in page
