"""A database that restarts, or a disk that is full, is said to be just that."""

import errno

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, OperationalError, connection
from wagtail.images.tests.utils import get_test_image_file

from cms import dashboard
from cms.faults import STORAGE_FULL, UNAVAILABLE, fault_of
from content_studio.models import SocialPost
from organizations.models import LibraryImage

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(client):
    client.raise_request_exception = False
    return client


@pytest.fixture
def lost(db):
    return lost_connection()  # before any wall stands, behind which nobody may do that


def lost_connection():
    """The very error that Django raises when PostgreSQL goes down under a query."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    except OperationalError as error:
        return error
    finally:
        other.close()
    pytest.fail("The connection lived on.")


def no_server():
    other = connection.copy()
    other.settings_dict = {**other.settings_dict, "HOST": "/nowhere", "PORT": "1"}
    try:
        other.ensure_connection()
    except OperationalError as error:
        return error
    pytest.fail("Somebody answered.")


def test_a_database_that_went_away_or_is_not_there_passes_and_an_error_in_a_query_does_not():
    assert fault_of(lost_connection()) is UNAVAILABLE
    assert fault_of(no_server()) is UNAVAILABLE
    assert fault_of(DataError("number out of range")) is None
    with pytest.raises(OperationalError) as waited:
        raise OperationalError("canceling statement due to statement timeout")
    assert fault_of(waited.value) is None
    assert fault_of(None) is None


def test_the_studio_says_that_it_is_away_for_a_moment_and_when_to_come_back(visitor, acme, bob, monkeypatch, lost):
    def gone(*args):
        raise lost

    monkeypatch.setattr(dashboard.Home, "get_context_data", gone)
    visitor.force_login(bob)
    answer = visitor.get("/admin/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "Nothing that was saved is lost" in answer.text


def test_tools_are_told_so_too_wherever_it_happens(visitor, acme, bob, monkeypatch, lost):
    def gone(*args, **kwargs):
        raise lost

    with monkeypatch.context() as patch:
        patch.setattr("organizations.access.CurrentOrganizationMiddleware.choose", gone)  # before any view
        before = visitor.get("/api/v1/me/")
    visitor.force_login(bob)
    monkeypatch.setattr("organizations.rest.TokenAuthentication.authenticate", gone)  # in the view
    inside = visitor.get("/api/v1/me/")
    for answer in (before, inside):
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Retry-After"] == "10"
        assert answer.json()["type"].endswith("/unavailable")


def test_a_file_for_which_there_is_no_room_is_refused_clearly_and_texts_go_on(visitor, acme, bob, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    visitor.force_login(bob)
    picture = SimpleUploadedFile("kettle.png", get_test_image_file().file.getvalue(), "image/png")
    answer = visitor.post("/admin/images/add/", {"title": "Kettle", "file": picture, "collection": acme.collection.pk})
    assert answer.status_code == 507
    assert "The file was not kept; texts are not affected" in answer.text
    assert not LibraryImage.objects.exists()

    from content_studio.factories import make_post

    make_post(acme, user=bob, text="Written while the disk is full.")
    assert SocialPost.objects.get().texts == ["Written while the disk is full."]
    assert fault_of(OSError(errno.EACCES, "denied")) is not STORAGE_FULL


def test_any_other_error_stays_our_fault_and_names_its_request(visitor, acme, bob, monkeypatch):
    def broken(*args):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(dashboard.Home, "get_context_data", broken)
    visitor.force_login(bob)
    answer = visitor.get("/admin/")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.text
    assert "secret inside" not in answer.text
