"""A file must be what it is called."""

import io
import zipfile

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.images.tests.utils import get_test_image_file

from organizations.models import LibraryDocument, LibraryImage
from organizations.uploads import LOOKS_LIKE, check_document


def archive(*members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for member in members:
            made.writestr(member, "<xml/>")
    return file.getvalue()


MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(64)
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + bytes(64)
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(64)

GENUINE = [
    ("report.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    ("clip.mp4", MP4),
    ("phone.MP4", MOV),
    ("notes.txt", "Grüße".encode()),
    ("notes.txt", "Grüße".encode("cp1252")),
    ("table.csv", "a;b\n1;2".encode("utf-16")),
    ("empty.md", b""),
    ("letter.rtf", rb"{\rtf1\ansi Hello}"),
    ("letter.docx", archive("[Content_Types].xml", "word/document.xml")),
    ("slides.pptx", archive("[Content_Types].xml", "ppt/presentation.xml")),
    ("sheet.xlsx", archive("[Content_Types].xml", "xl/workbook.xml")),
    ("letter.odt", archive("mimetype", "content.xml")),
    ("slides.key", archive("Index/Document.iwa")),
    ("all.zip", archive("a")),
]
DISGUISED = [
    ("report.pdf", b"<html><script>alert(1)</script></html>"),
    ("report.pdf", EXE),
    ("clip.mp4", b"%PDF-1.7"),
    ("notes.txt", EXE),
    ("table.csv", archive("a")),
    ("letter.rtf", b"<html></html>"),
    ("letter.docx", archive("xl/workbook.xml")),
    ("sheet.xlsx", b"PK\x03\x04 cut off"),
    ("all.zip", b"Rar!\x1a\x07\x00"),
]


@pytest.mark.parametrize(("name", "content"), GENUINE)
def test_a_file_that_is_what_it_is_called_is_taken_and_rewound(name, content):
    file = io.BytesIO(content)
    check_document(file, name=name)
    assert file.tell() == 0


@pytest.mark.parametrize(("name", "content"), DISGUISED)
def test_a_file_in_disguise_is_refused_with_what_to_do(name, content):
    with pytest.raises(ValidationError, match="Export it again") as refused:
        check_document(io.BytesIO(content), name=name)
    assert name in str(refused.value)


def test_every_ending_that_may_be_uploaded_is_looked_into():
    assert set(settings.WAGTAILDOCS_EXTENSIONS) == set(LOOKS_LIKE)


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "kept"), [(b"%PDF-1.7\n", 1), (EXE, 0)])
def test_the_studio_keeps_only_what_is_genuine(client, acme, adam, content, kept):
    client.force_login(adam)
    upload = SimpleUploadedFile("report.pdf", content, "application/pdf")
    for address, field in (("/admin/documents/add/", "file"), ("/admin/documents/multiple/add/", "files[]")):
        upload.seek(0)
        answer = client.post(address, {"title": "Report", field: upload, "collection": acme.collection.pk})
        assert answer.status_code in {200, 302}
    assert LibraryDocument.objects.count() == kept * 2


BROKEN = {
    "begins like one": b"GIF89a<?php echo 1 ?>",
    "is its first bytes alone": b"\x89PNG\r\n\x1a\n" + b"x" * 50,
    "breaks off": get_test_image_file("roof.png", size=(640, 480)).file.getvalue()[:-200],
}


@pytest.mark.django_db
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_picture_that_cannot_be_read_to_its_end_is_refused_with_what_to_do(client, acme, adam, content):
    client.force_login(adam)
    upload = SimpleUploadedFile("roof.gif" if content.startswith(b"GIF") else "roof.png", content)
    for address, field in (("/admin/images/add/", "file"), ("/admin/images/multiple/add/", "files[]")):
        upload.seek(0)
        answer = client.post(address, {"title": "Roof", field: upload, "collection": acme.collection.pk})
        assert answer.status_code == 200
        assert "damaged or not complete" in answer.text
    assert not LibraryImage.objects.exists()
    whole = get_test_image_file("roof.png").file.getvalue()
    client.post(
        "/admin/images/add/",
        {"title": "Roof", "file": SimpleUploadedFile("roof.png", whole), "collection": acme.collection.pk},
    )
    assert LibraryImage.objects.get().file.read() == whole


@pytest.mark.django_db
@pytest.mark.parametrize("media", ["images", "documents"])
def test_searching_and_counting_uses_go_together(client, acme, adam, media):
    client.force_login(adam)
    answer = client.get(f"/admin/{media}/results/?q=roof&usage_count_min=0&usage_count_max=5&ordering=-usage_count")
    assert answer.status_code == 200


@pytest.mark.django_db
def test_a_document_over_the_limit_is_refused_by_the_form(client, acme, adam, settings):
    settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 1000
    client.force_login(adam)
    upload = SimpleUploadedFile("report.pdf", b"%PDF-1.7\n" + bytes(1000), "application/pdf")
    answer = client.post("/admin/documents/add/", {"title": "R", "file": upload, "collection": acme.collection.pk})
    assert "file" in answer.context["form"].errors
    assert not LibraryDocument.objects.exists()
