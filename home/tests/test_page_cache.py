"""Kept pages: the same for every visitor, never a personal one, and never older than the last publish."""

import threading
import time
from io import BytesIO

import brotli
import pytest
from django.apps import apps
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, connections

from home import changes, page_cache
from home.models import Author
from home.page_cache import CHANNEL, PageCache, forget_pages

from .conftest import page_at

pytestmark = pytest.mark.django_db


class Counted:
    """The application, and how often it was asked."""

    def __init__(self):
        self.application = get_wsgi_application()
        self.asked = 0

    def __call__(self, environ, start_response):
        self.asked += 1
        return self.application(environ, start_response)


@pytest.fixture
def application(db):
    # As Django's own test client does: the test's connection outlives the request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Counted()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def committing(db, monkeypatch):
    """A connection of its own, for changes that have to be committed: the test's own are rolled back."""
    own = connections.create_connection("default")
    own.connect()
    monkeypatch.setattr(page_cache, "connection", own)
    yield own
    own.close()


@pytest.fixture
def cache(application, committing, settings):
    settings.ALLOWED_HOSTS = ["*"]
    cache = PageCache(application)
    get(cache, "/robots.txt")  # begins to listen
    wait_until(lambda: cache.kept.is_open)
    application.asked = 0
    yield cache
    cache.listener.stopping = True
    forget_pages()
    cache.listener.join(5)


def get(cache, path="/robots.txt", *, method="GET", query="", **headers):
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "localhost:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        **headers,
    }
    answer = {}

    def start_response(status, headers, exc_info=None):
        answer.update(status=int(status.split()[0]), headers=dict(headers))

    body = cache(environ, start_response)
    answer["body"] = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return answer


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_a_page_is_rendered_once(cache, application):
    first, second = get(cache), get(cache)
    assert application.asked == 1
    assert first["body"] == second["body"] and second["status"] == 200


def test_what_advertisers_append_makes_no_other_page(cache, application):
    get(cache)
    get(cache, query="utm_source=x&gclid=1")
    assert application.asked == 1
    get(cache, query="page=2")
    assert application.asked == 2


@pytest.mark.parametrize(
    "headers", [{"HTTP_COOKIE": "sessionid=abc"}, {"HTTP_AUTHORIZATION": "Bearer x"}], ids=["signed in", "with a token"]
)
def test_a_person_who_is_known_is_answered_by_the_application(cache, application, headers):
    get(cache)
    get(cache, **headers)
    assert application.asked == 2


def test_a_post_is_answered_by_the_application(cache, application):
    get(cache)
    assert get(cache, method="POST")["status"] in (403, 405)
    assert application.asked == 2


def test_another_host_is_another_page(cache, application):
    get(cache)
    get(cache, HTTP_HOST="other.test")
    assert application.asked == 2


def test_an_error_is_not_kept(cache, application):
    assert get(cache, "/nowhere/")["status"] == 404
    assert get(cache, "/nowhere/")["status"] == 404
    assert application.asked == 2


def test_an_answer_with_a_cookie_is_not_kept(settings):
    def application(environ, start_response):
        environ["home.page_cache.keep"] = True
        start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "sessionid=secret")])
        return [b"mine"]

    cache = PageCache(application)
    cache.kept.is_open = True
    get(cache)
    assert not cache.kept.pages


def test_the_page_comes_in_the_encoding_that_is_asked_for(cache):
    plain = get(cache)["body"]
    plain = get(cache)["body"]
    answer = get(cache, HTTP_ACCEPT_ENCODING="gzip, deflate, br")
    assert answer["headers"]["Content-Encoding"] == "br"
    assert brotli.decompress(answer["body"]) == plain
    assert "Accept-Encoding" in answer["headers"]["Vary"]
    assert "Content-Encoding" not in get(cache)["headers"]


def test_a_browser_that_has_the_page_is_told_so(cache):
    get(cache)
    etag = get(cache)["headers"]["ETag"]
    answer = get(cache, HTTP_IF_NONE_MATCH=etag)
    assert (answer["status"], answer["body"]) == (304, b"")
    assert get(cache, HTTP_IF_NONE_MATCH='"other"')["status"] == 200


def test_a_head_request_has_no_body(cache):
    get(cache)
    answer = get(cache, method="HEAD")
    assert answer["status"] == 200 and answer["body"] == b"" and int(answer["headers"]["Content-Length"]) > 0


def test_a_change_is_forgotten_at_the_commit_and_not_before(cache, application, committing):
    get(cache)
    committing.set_autocommit(False)
    forget_pages()
    time.sleep(0.1)
    get(cache)
    assert application.asked == 1
    committing.commit()
    committing.set_autocommit(True)
    wait_until(lambda: not cache.kept.pages)
    get(cache)
    assert application.asked == 2


def test_a_change_that_is_rolled_back_forgets_nothing(cache, committing):
    get(cache)
    committing.set_autocommit(False)
    forget_pages()
    committing.rollback()
    committing.set_autocommit(True)
    time.sleep(0.1)
    assert cache.kept.pages


def test_a_page_rendered_across_a_change_is_not_kept(cache, application):
    real, begun, go_on = application.application, threading.Event(), threading.Event()

    def slow(environ, start_response):
        body = real(environ, start_response)
        begun.set()
        go_on.wait(5)
        return body

    application.application = slow
    visitor = threading.Thread(target=get, args=(cache,))
    visitor.start()
    begun.wait(5)
    before = cache.kept.generation
    forget_pages()
    wait_until(lambda: cache.kept.generation > before)
    go_on.set()
    visitor.join(5)
    assert not cache.kept.pages


def test_a_process_that_cannot_hear_keeps_nothing(cache):
    get(cache)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE %s",
            [f"%{CHANNEL}%"],
        )
    wait_until(lambda: not cache.kept.is_open)
    assert not cache.kept.pages
    get(cache)
    wait_until(lambda: cache.kept.is_open)  # listens again by itself


@pytest.fixture
def forgotten(monkeypatch):
    """How often the pages were to be forgotten."""
    calls = []
    monkeypatch.setattr(changes, "forget_pages", lambda: calls.append(1))
    return calls


def _publish(acme):
    about = page_at("about")
    about.title = "Published"
    about.save_revision().publish()


def _redirect(acme):
    from wagtail.contrib.redirects.models import Redirect

    Redirect.objects.create(old_path="/old", redirect_link="/pricing/")


def _restrict(acme):
    from wagtail.models import PageViewRestriction

    PageViewRestriction.objects.create(page_id=page_at("about").pk, restriction_type="login")


def _picture(acme):
    from wagtail.images.tests.utils import get_test_image_file

    from organizations.models import LibraryImage

    LibraryImage.objects.create(title="Ours", file=get_test_image_file())


@pytest.mark.parametrize(
    "change",
    [
        _publish,
        lambda acme: page_at("about").unpublish(),
        lambda acme: page_at("about").move(page_at("legal"), pos="last-child"),
        lambda acme: page_at("contact").delete(),
        lambda acme: page_at("legal").get_children().first().delete(),
        lambda acme: Author.objects.first().save(),
        _redirect,
        _restrict,
        _picture,
    ],
    ids=["publish", "unpublish", "move", "delete", "delete a plain page", "author", "redirect", "privacy", "picture"],
)
def test_every_change_of_the_site_forgets_its_pages(home, acme, forgotten, change):
    del forgotten[:]
    change(acme)
    assert forgotten


def _save_draft(acme):
    about = page_at("about")
    about.title = "Draft"
    about.save_revision()


def _publish_a_post(acme):
    SocialPost = apps.get_model("content_studio.SocialPost")
    Workspace = apps.get_model("content_studio.Workspace")
    post = SocialPost(title="x", slug="x", live=True)
    Workspace.objects.get(organization=acme).add_child(instance=post)
    post.save_revision().publish()
    post.delete()


def _their_picture(acme):
    from wagtail.images.tests.utils import get_test_image_file

    from organizations.models import LibraryImage

    LibraryImage.objects.create(title="Theirs", file=get_test_image_file(), collection=acme.collection)


@pytest.mark.parametrize("change", [_save_draft, _publish_a_post, _their_picture])
def test_what_the_site_does_not_show_forgets_nothing(home, acme, forgotten, change):
    del forgotten[:]
    change(acme)
    assert not forgotten


def test_pages_of_the_site_are_kept_and_set_no_cookie(home, cache, application):
    paths = ["/", "/pricing/", "/docs/api/first-request/", "/blog/", "/blog/rss/", "/sitemap.xml", "/llms.txt"]
    for path in paths:
        get(cache, path)
        application.asked = 0
        answer = get(cache, path, HTTP_ACCEPT_ENCODING="br")
        assert (answer["status"], application.asked) == (200, 0), path
        assert "Set-Cookie" not in answer["headers"], path


def test_a_private_page_is_not_kept(home, cache, application):
    _restrict(None)
    application.asked = 0
    get(cache, "/about/")
    get(cache, "/about/")
    assert application.asked == 2
