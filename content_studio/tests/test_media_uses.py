"""A picture or file that a post still needs stays, whoever wants it gone and wherever."""

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient
from wagtail.images.tests.utils import get_test_image_file

from content_studio import planning
from content_studio.drafting import create_draft, revise, segment
from content_studio.media_uses import uses_of
from content_studio.models import SocialPost
from organizations.factories import PASSWORD
from organizations.library import MediumInUse
from organizations.models import LibraryDocument, LibraryImage
from publishing.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(acme):
    return LibraryImage.objects.create(title="Roof", file=get_test_image_file("roof.png"), collection=acme.collection)


@pytest.fixture
def document(acme):
    return LibraryDocument.objects.create(
        title="Plan", file=ContentFile(b"%PDF-1.4 plan", "plan.pdf"), collection=acme.collection
    )


def with_picture(image):
    return [segment("Look", media=[("image", {"image": image, "alt": "A roof", "decorative": False})])]


@pytest.fixture
def post(acme, bob, image):
    return create_draft(organization=acme, user=bob, segments=with_picture(image), title="Roof post")


def test_a_draft_keeps_its_picture_and_the_page_names_it(client, post, image, alice):
    client.force_login(alice)
    address = reverse("wagtailimages:delete", args=[image.pk])
    page = client.get(address).content.decode()
    assert "Roof post" in page and post.admin_url in page and "Yes, delete" not in page
    answer = client.post(address)
    assert answer.status_code == 409 and "Roof post" in answer.content.decode()
    assert LibraryImage.objects.filter(pk=image.pk).exists()


def test_the_queryset_and_the_api_keep_it_too(post, image, alice):
    with pytest.raises(MediumInUse, match="Roof post"), transaction.atomic():
        LibraryImage.objects.filter(pk=image.pk).delete()
    api = APIClient()
    access = api.post("/api/v1/auth/token/", {"email": alice.email, "password": PASSWORD}).json()["access"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    answer = api.delete(f"/api/v1/media/images/{image.uuid}/")
    assert answer.status_code == 409 and "Roof post" in answer.json()["detail"]


def test_bulk_deletion_takes_what_is_free_and_names_what_stays(client, acme, post, image, alice):
    free = LibraryImage.objects.create(title="Free", file=get_test_image_file("free.png"), collection=acme.collection)
    client.force_login(alice)
    address = reverse("wagtail_bulk_action", args=["organizations", "libraryimage", "delete"])
    address += f"?id={image.pk}&id={free.pk}&next=/admin/images/"
    page = client.get(address).content.decode()
    assert "Roof post" in page and "Free" in page
    client.post(address)
    assert set(LibraryImage.objects.filter(organization=acme)) == {image}


@pytest.mark.parametrize("script", [True, False])
def test_the_page_of_many_uploads_keeps_it_too_and_says_why(client, post, image, alice, script):
    client.force_login(alice)
    headers = {"X-Requested-With": "XMLHttpRequest"} if script else {}
    answer = client.post(reverse("wagtailimages:delete_multiple", args=[image.pk]), headers=headers)
    assert answer.status_code == 409
    assert "Roof post" in (answer.json()["error"] if script else answer.content.decode())
    assert LibraryImage.objects.filter(pk=image.pk).exists()
    assert not script or "Roof post" in client.get("/admin/images/").content.decode()


def test_a_document_and_an_override_count_as_well(acme, bob, document, image):
    create_draft(organization=acme, user=bob, segments=[segment("Plan", media=[("document", document)])])
    create_draft(
        organization=acme,
        user=bob,
        segments=[segment("Plain")],
        rest=[("override", {"network": "x", "segments": [("segment", s) for s in with_picture(image)]})],
    )
    assert len(uses_of(document)) == len(uses_of(image)) == 1


def test_what_an_older_version_had_is_free_but_not_what_is_approved_or_on_its_way(
    acme, alice, bob, post, image, channel_of_acme
):
    revise(post, user=bob, channels=[channel_of_acme])
    post = SocialPost.objects.get(pk=post.pk)
    planning.submit_post(post, user=bob)
    planning.approve_post(post, user=alice)
    planning.publish_post_now(post, user=alice)
    revise(post, user=bob, segments=[segment("Without")])
    assert uses_of(image)  # the approved version has it, and is being sent
    Delivery.objects.update(state=Delivery.State.PUBLISHED)
    SocialPost.objects.filter(pk=post.pk).update(state=SocialPost.State.PUBLISHED)
    assert not uses_of(image)
    image.delete()


def test_numbers_that_begin_alike_are_not_confused(acme, bob, image):
    LibraryImage.objects.filter(pk=image.pk * 10).delete()
    other = LibraryImage(
        pk=image.pk * 10, title="Other", file=get_test_image_file("other.png"), collection=acme.collection
    )
    other.save()
    create_draft(organization=acme, user=bob, segments=with_picture(other))
    assert not uses_of(image) and uses_of(other)


@pytest.fixture
def channel_of_acme(acme):
    from publishing.factories import ChannelFactory

    return ChannelFactory(organization=acme)
