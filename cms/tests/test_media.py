"""Uploaded files are for whoever was shown them, for a while, and they do nothing in a browser."""

import socket
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ReadTimeoutError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from storages.backends.s3 import S3Storage

from cms.settings.media import bucket

pytestmark = pytest.mark.django_db


@pytest.fixture
def saved():
    names = []

    def save(name, content=b"content"):
        names.append(default_storage.save(name, ContentFile(content)))
        return default_storage.url(names[-1])

    yield save
    for name in names:
        default_storage.delete(name)


def test_a_signed_address_gives_the_file_without_a_log_in(client, saved):
    answer = client.get(saved("images/kettle.png", b"\x89PNG"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer.streaming_content) == b"\x89PNG"


def test_the_address_alone_gives_nothing(client, saved):
    assert client.get(urlsplit(saved("images/kettle.png")).path).status_code == 404


def test_a_signature_holds_for_its_own_file_only(client, saved):
    mine, other = saved("images/mine.png"), saved("images/other.png")
    assert client.get(f"{urlsplit(other).path}?{urlsplit(mine).query}").status_code == 404


def test_an_address_ends_and_cannot_be_prolonged(client, saved, monkeypatch):
    address = saved("images/kettle.png")
    now = time.time()
    monkeypatch.setattr("cms.media.time.time", lambda: now + 9 * 24 * 3600)
    assert client.get(address).status_code == 404
    later = address.replace(parse_qs(urlsplit(address).query)["expires"][0], str(int(now + 99 * 24 * 3600)))
    assert client.get(later).status_code == 404


@pytest.mark.parametrize("name", ["documents/page.html", "images/drawing.svg", "documents/script.js"])
def test_what_could_run_in_a_browser_is_a_download_in_a_sandbox(client, saved, name):
    answer = client.get(saved(name, b"<script>alert(1)</script>"))
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_path_out_of_the_media_directory_is_not_found(client):
    assert client.get("/media/../manage.py?expires=9999999999&signature=x").status_code == 404


def test_a_bucket_whose_store_is_silent_is_given_up_soon(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MEDIA_S3_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("MEDIA_S3_ACCESS_KEY", "key")
        monkeypatch.setenv("MEDIA_S3_SECRET_KEY", "secret")
        monkeypatch.setenv("MEDIA_S3_TIMEOUT", "0.1")
        store = S3Storage(**bucket("files")["OPTIONS"])
        begun = time.monotonic()
        with pytest.raises(ReadTimeoutError):
            store.open("logo.png").read()
        assert time.monotonic() - begun < 5
        assert "X-Amz-Signature" in store.url("logo.png")
