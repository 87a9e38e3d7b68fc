import datetime

import pytest
from django.urls import reverse

from content_studio.drafting import revise, segment
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


def test_an_earlier_version_says_what_it_is_and_how_it_comes_back(client, acme, bob):
    post = make_post(acme, user=bob, text="As it was.")
    earlier = post.latest_revision
    revise(post, user=bob, segments=[segment("As it is.")])
    client.force_login(bob)
    address = reverse("wagtailadmin_pages:revisions_revert", args=[post.pk, earlier.pk])
    page = client.get(address).content.decode()
    assert "An earlier version, by Bob: " in page and "Restore this version" in page and "As it was." in page
    assert "Save draft" not in page and "Submit for review" not in page
