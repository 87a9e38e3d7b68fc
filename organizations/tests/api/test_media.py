"""The library through the API: what is uploaded is checked, described, found and protected as in the studio."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.images.tests.utils import get_test_image_file

from organizations.models import LibraryDocument, LibraryImage

pytestmark = pytest.mark.django_db

IMAGES = "/api/v1/media/images/"
DOCUMENTS = "/api/v1/media/documents/"
PDF = b"%PDF-1.7\n"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(64)


def picture(name="shoe.png", size=(640, 480)):
    return SimpleUploadedFile(name, get_test_image_file(name, size=size).file.getvalue(), "image/png")


def upload(client, address, file, **said):
    return client.post(address, {"file": file, **said}, format="multipart")


def errors(answer):
    assert answer.status_code == 400, answer.content
    return {each["field"]: each["message"] for each in answer.json()["errors"]}


def test_a_picture_is_uploaded_described_and_fetched(api_of, acme, bob, client):
    made = upload(api_of(bob), IMAGES, picture(), title="Shoe", alt="A red shoe")

    assert made.status_code == 201, made.content
    path = f"{IMAGES}{made.json()['id']}/"
    changed = api_of(bob).patch(path, {"alt": "A red running shoe", "focal_point": {"x": 100, "y": 50}}).json()
    assert (changed["title"], changed["alt"], changed["width"]) == ("Shoe", "A red running shoe", 640)
    assert changed["focal_point"] == {"x": 100, "y": 50, "width": 1, "height": 1}
    assert changed["size"] > 0
    image = LibraryImage.objects.get()
    assert (image.organization, image.uploaded_by_user, image.collection) == (acme, bob, acme.collection)
    assert api_of(bob).patch(path, {"focal_point": None}).json()["focal_point"] is None
    fetched = client.get(changed["url"].partition("testserver")[2])
    assert fetched.status_code == 200
    assert fetched["Content-Type"] == "image/png"


def test_a_picture_goes_from_the_library_into_a_post(api_of, acme, bob):
    client = api_of(bob)
    image = upload(client, IMAGES, picture()).json()

    post = client.post("/api/v1/posts/", {"segments": [{"text": "Look", "media": [{"image": image["id"]}]}]})

    assert post.status_code == 201, post.content
    refused = client.delete(f"{IMAGES}{image['id']}/")
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (409, "medium-in-use")
    client.delete(f"/api/v1/posts/{post.json()['id']}/")
    assert client.delete(f"{IMAGES}{image['id']}/").status_code == 204
    assert not LibraryImage.objects.exists()


@pytest.mark.parametrize(
    ("address", "file"),
    [
        (IMAGES, SimpleUploadedFile("a.png", b"no picture")),
        (IMAGES, SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
        (IMAGES, SimpleUploadedFile("a.png", b"")),
        (DOCUMENTS, SimpleUploadedFile("a.exe", b"MZ")),
        (DOCUMENTS, SimpleUploadedFile("report.pdf", b"MZ\x90\x00 not at all")),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_what_the_studio_would_refuse_is_refused(api_of, acme, bob, address, file):
    file.seek(0)
    assert set(errors(upload(api_of(bob), address, file))) == {"file"}
    assert not LibraryImage.objects.exists()
    assert not LibraryDocument.objects.exists()


def test_without_a_file_or_as_json_nothing_is_uploaded(api_of, bob, acme):
    assert set(errors(api_of(bob).post(IMAGES, {"title": "Empty"}, format="multipart"))) == {"file"}
    assert api_of(bob).post(IMAGES, {"title": "JSON"}).status_code == 415


def test_documents_and_videos_are_told_apart(api_of, acme, bob):
    client = api_of(bob)
    report = upload(client, DOCUMENTS, SimpleUploadedFile("report.pdf", PDF)).json()
    film = upload(client, DOCUMENTS, SimpleUploadedFile("film.mp4", MP4), title="The film").json()
    assert (report["kind"], report["title"], report["mime_type"]) == ("document", "report", "application/pdf")
    assert (film["kind"], film["title"], film["mime_type"]) == ("video", "The film", "video/mp4")
    assert client.patch(f"{DOCUMENTS}{film['id']}/", {"title": "Film"}).json()["title"] == "Film"


def test_the_library_is_searched_and_comes_in_pages(api_of, acme, bob):
    client = api_of(bob)
    for title, alt in (("Shoe", "red"), ("Shoe", "blue"), ("Hat", "red")):
        upload(client, IMAGES, picture(), title=title, alt=alt)

    def found(query):
        return [(each["title"], each["alt"]) for each in client.get(IMAGES + query).json()["results"]]

    assert found("?q=shoe+RED") == [("Shoe", "red")]
    assert found("?q=scarf") == []
    first = client.get(f"{IMAGES}?page_size=2").json()
    assert len(first["results"]) == 2
    assert len(client.get(first["next"]).json()["results"]) == 1


def test_a_member_changes_and_deletes_only_their_own(api_of, acme, adam, bob, vera):
    from organizations.factories import MembershipFactory, UserFactory

    made = upload(api_of(bob), IMAGES, picture(), title="Bob's").json()
    path = f"{IMAGES}{made['id']}/"
    colleague = UserFactory(email="cleo@example.test", first_name="Cleo")
    MembershipFactory(organization=acme, user=colleague, role="member")

    for person in (colleague, vera):
        assert api_of(person).get(path).status_code == 200
        assert api_of(person).patch(path, {"title": "Mine"}).status_code == 403
        assert api_of(person).delete(path).status_code == 403
    assert upload(api_of(vera), IMAGES, picture()).status_code == 403
    assert api_of(adam).patch(path, {"title": "Ours"}).json()["title"] == "Ours"
    assert api_of(bob).delete(path).status_code == 204


def test_an_outsider_finds_no_file(api_of, acme, globex, bob, charlie):
    made = upload(api_of(bob), IMAGES, picture(), title="Secret").json()
    outsider = api_of(charlie)
    assert outsider.get(IMAGES).json()["results"] == []
    for method in ("get", "patch", "delete"):
        assert getattr(outsider, method)(f"{IMAGES}{made['id']}/", {}).status_code == 404
