import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection

from organizations.models import LibraryDocument, LibraryImage

pytestmark = pytest.mark.django_db


def test_media_belongs_to_whom_its_collection_belongs_to(acme, globex):
    below = acme.collection.add_child(name="Campaign")
    image = LibraryImage.objects.create(title="Kettle", file=get_test_image_file(), collection=below)
    assert image.organization == acme
    image.collection = globex.collection
    image.save()
    assert image.organization_id == globex.pk
    root = Collection.objects.get(depth=1)
    assert (
        LibraryDocument.objects.create(title="Terms", file=ContentFile(b"x", "t.txt"), collection=root).organization
        is None
    )


def test_an_upload_in_the_studio_belongs_to_the_organization(client, acme, bob):
    client.force_login(bob)
    picture = SimpleUploadedFile("kettle.png", get_test_image_file().file.getvalue(), "image/png")
    answer = client.post("/admin/images/add/", {"title": "Kettle", "file": picture, "collection": acme.collection.pk})
    assert answer.status_code == 302, answer.context["form"].errors
    assert LibraryImage.objects.get().organization == acme


def test_the_address_of_a_picture_cannot_be_guessed_from_its_name(acme):
    image = LibraryImage.objects.create(
        title="Kettle", file=get_test_image_file("kettle.png"), collection=acme.collection
    )
    rendition = image.get_rendition("width-10")
    for file in (image.file, rendition.file):
        assert image.uuid.hex[:16] in file.name
        assert len(file.name) < 100
