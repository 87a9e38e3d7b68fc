"""A database that restarts, or a disk that is full, is said to be just that."""

import errno
import os
import socket
import subprocess
import sys
import types
from time import monotonic

import psycopg
import pytest
import redis
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, OperationalError, connection
from django.test import Client
from django_q.models import OrmQ
from django_q.tasks import async_task
from wagtail.images.tests.utils import get_test_image_file

from cms import caching, dashboard
from cms.faults import STORAGE_FULL, UNAVAILABLE, fault_of
from cms.settings.base import redis_cache
from content_studio.models import SocialPost
from organizations.factories import PASSWORD
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


def test_a_database_without_room_says_that_this_was_not_saved(visitor, acme, bob, monkeypatch):
    def full(*args, **kwargs):
        error = OperationalError("could not extend file")
        raise error from psycopg.errors.DiskFull("could not extend file: No space left on device")

    monkeypatch.setattr(dashboard.Home, "get_context_data", full)
    visitor.force_login(bob)
    answer = visitor.get("/admin/")
    assert answer.status_code == 507
    assert "This was not saved; what was saved before is safe" in answer.text


def test_any_other_error_stays_our_fault_and_names_its_request(visitor, acme, bob, monkeypatch):
    def broken(*args):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(dashboard.Home, "get_context_data", broken)
    visitor.force_login(bob)
    answer = visitor.get("/admin/")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.text
    assert "secret inside" not in answer.text


def test_without_redis_people_sign_in_and_work_on_and_tasks_are_kept(visitor, acme, bob, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    settings.CACHES = redis_cache(nobody)
    assert visitor.post("/accounts/login/", {"login": bob.email, "password": PASSWORD}).status_code == 302
    assert visitor.get("/admin/").status_code == 200
    assert visitor.get("/admin/posts/").status_code == 200
    assert visitor.get("/").status_code == 200
    async_task("organizations.tasks.send_mails")
    assert OrmQ.objects.exists()
    for _attempt in range(20):  # guessing stays limited
        guess = Client().post("/accounts/login/", {"login": bob.email, "password": "wrong"})
    assert "Too many failed login attempts" in guess.text


def test_redis_is_asked_again_when_it_has_rested(settings, monkeypatch):
    settings.CACHES = redis_cache("redis://127.0.0.1:1/0")
    cache.set("kettle", "hot")
    assert cache.get("kettle") == "hot"
    assert cache.add("kettle", "cold") is False
    asked = []
    monkeypatch.setattr(redis.Redis, "execute_command", lambda *args, **kwargs: asked.append(args))
    cache.get("kettle")
    assert not asked
    later = types.SimpleNamespace(monotonic=lambda: monotonic() + caching.SECONDS_APART)
    monkeypatch.setattr(caching, "time", later)
    cache.get("kettle")
    assert asked


def test_redis_is_the_cache_wherever_it_is_set_and_never_holds_the_tasks():
    """Read as production reads it: these settings are decided when the process starts."""
    code = "from cms.settings import base; print(base.CACHES['default']['LOCATION'], base.Q_CLUSTER.get('redis'))"
    environment = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["redis://127.0.0.1:1/0", "None"]
