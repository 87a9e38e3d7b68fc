"""Whole pages of the public site, kept ready in memory, and forgotten the moment the site changes.

`PageCache` wraps the WSGI application. An anonymous GET of a page that a view
marked with `keep(request)` is rendered once per process, compressed once, and
then answered without Django. A change of the site sends a PostgreSQL NOTIFY
inside its own transaction (`forget_pages`); every process listens and forgets
its pages at the commit. A process that cannot hear keeps nothing, so that a
page is never older than the last publish.
"""

import gzip
import hashlib
import logging
import threading
import time
import uuid
from collections import OrderedDict
from http import HTTPStatus
from urllib.parse import parse_qsl

import brotli
from django.conf import settings
from django.db import connection, connections
from django.db.utils import DatabaseError, InterfaceError
from django.utils.cache import patch_vary_headers

logger = logging.getLogger(__name__)

CHANNEL = "public_site_changed"
MARK = "home.page_cache.keep"
HEARTBEAT_SECONDS = 30
HEARTBEAT_PATIENCE_SECONDS = 5
MAX_PAGES = 2_000
MAX_BYTES = 1_000_000  # of one page
MAX_SECONDS = 24 * 3600  # addresses of pictures in a page are signed for a week
OF_ONE_REQUEST = frozenset(["content-length", "etag", "x-request-id"])
# What newsletters and advertisers append to addresses; the page is the same without.
IGNORED_PARAMETERS = frozenset(
    ["fbclid", "gclid", "msclkid", "ref", "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term"]
)


def keep(request, response) -> None:
    """Declares that this answer is the same for every anonymous visitor until the site changes."""
    request.META[MARK] = True
    response.headers.setdefault("Cache-Control", "no-cache")  # browsers ask each time, and get a 304
    patch_vary_headers(response, ["Accept-Encoding"])


def forget_pages() -> None:
    """Makes every process forget every page of the public site, when the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, 'changed')", [CHANNEL])


class KeptPage:
    """One answer, in each encoding that a browser may ask for."""

    def __init__(self, headers: list[tuple[str, str]], body: bytes):
        self.until = time.monotonic() + MAX_SECONDS
        digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.variants = {}
        for encoding, content in (
            ("br", brotli.compress(body, quality=9)),
            ("gzip", gzip.compress(body, 9, mtime=0)),
            ("", body),
        ):
            etag = f'"{digest}{"-" + encoding if encoding else ""}"'
            own = [("ETag", etag), *([("Content-Encoding", encoding)] if encoding else [])]
            always = [(name, value) for name, value in headers if name.lower() not in OF_ONE_REQUEST]
            not_modified = [
                (name, value)
                for name, value in always
                if name.lower() in ("cache-control", "vary", "content-security-policy")
            ]
            full = [*always, *own, ("Content-Length", str(len(content)))]
            self.variants[encoding] = (etag, full, [*not_modified, ("ETag", etag)], content)

    def answer(self, environ, start_response):
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        encoding = "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""
        etag, headers, not_modified, content = self.variants[encoding]
        if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", not_modified[:])
            return []
        start_response("200 OK", headers[:])
        return [content] if environ["REQUEST_METHOD"] == "GET" else []


class KeptPages:
    """The pages of one process. Closed, and so empty, while changes cannot be heard."""

    def __init__(self):
        self.lock = threading.Lock()
        self.pages: OrderedDict[tuple, KeptPage] = OrderedDict()
        self.generation = 0
        self.is_open = False

    def get(self, key):
        page = self.pages.get(key)
        if page is not None:
            if time.monotonic() > page.until:
                return None
            try:
                self.pages.move_to_end(key)
            except KeyError:  # forgotten by another thread just now
                return None
        return page

    def add(self, key, page: KeptPage, *, generation: int) -> None:
        """Keeps `page`, unless the site has changed since `generation`, in which its rendering began."""
        with self.lock:
            if not self.is_open or generation != self.generation:
                return
            self.pages[key] = page
            while len(self.pages) > MAX_PAGES:
                self.pages.popitem(last=False)

    def forget(self, *, is_open: bool) -> None:
        with self.lock:
            self.generation += 1
            self.is_open = is_open
            self.pages.clear()


class Listener(threading.Thread):
    """Hears of changes through PostgreSQL, and proves to itself every half minute that it still does."""

    def __init__(self, kept: KeptPages):
        super().__init__(name="public-site-listener", daemon=True)
        self.kept = kept
        self.stopping = False

    def run(self):
        while not self.stopping:
            database = connections.create_connection("default")
            try:
                self.listen(database)
            except (DatabaseError, InterfaceError, OSError) as error:
                logger.warning("The public site is not kept in memory for now: %s", type(error).__name__)
            except Exception:
                logger.exception("The public site is not kept in memory for now")
            finally:
                self.kept.forget(is_open=False)
                database.close()
            if not self.stopping:
                time.sleep(1)

    def listen(self, database) -> None:
        """Returns when nothing is heard any more, also where a pooler swallows notifications."""
        database.connect()
        database.set_autocommit(True)
        with database.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        while not self.stopping:
            heartbeat = uuid.uuid4().hex
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, heartbeat])
            if not self.hear(database, until=heartbeat, seconds=HEARTBEAT_PATIENCE_SECONDS):
                return
            if not self.kept.is_open:
                self.kept.forget(is_open=True)
            self.hear(database, until=None, seconds=HEARTBEAT_SECONDS)

    def hear(self, database, *, until: str | None, seconds: float) -> bool:
        """Forgets all pages at each change. True as soon as `until` was heard, False after `seconds`."""
        for notice in database.connection.notifies(timeout=seconds):
            if notice.payload == "changed":
                self.kept.forget(is_open=self.kept.is_open)
            if self.stopping or (until is not None and notice.payload == until):
                return True
        return False


class PageCache:
    """WSGI middleware, outermost: answers what is kept, and keeps what may be."""

    def __init__(self, application):
        self.application = application
        self.kept = KeptPages()
        self.starting = threading.Lock()
        self.listener: Listener | None = None

    def __call__(self, environ, start_response):
        key = self.key(environ)
        if key is None:
            return self.application(environ, start_response)
        page = self.kept.get(key)
        if page is not None:
            return page.answer(environ, start_response)
        return self.render(key, environ, start_response)

    def key(self, environ) -> tuple | None:
        """What tells one kept page from another; none where the answer may be personal."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        cookies = environ.get("HTTP_COOKIE")
        if cookies and settings.SESSION_COOKIE_NAME in cookies:
            return None
        query = environ.get("QUERY_STRING")
        if query and not all(name in IGNORED_PARAMETERS for name, _ in parse_qsl(query, keep_blank_values=True)):
            return None
        return (
            environ.get("HTTP_HOST"),
            environ.get("HTTP_X_FORWARDED_PROTO") or environ.get("wsgi.url_scheme"),
            environ.get("PATH_INFO"),
        )

    def render(self, key, environ, start_response):
        self.listen()
        generation = self.kept.generation
        answer: dict = {}

        def begin(status, headers, exc_info=None):
            answer.update(status=status, headers=headers)

        body = self.application(environ, begin)
        status, headers = answer["status"], answer["headers"]
        if not (
            environ.get(MARK)
            and environ["REQUEST_METHOD"] == "GET"
            and status.startswith(f"{HTTPStatus.OK.value} ")
            and not any(name.lower() in ("set-cookie", "content-encoding") for name, _ in headers)
        ):
            start_response(status, headers)
            return body
        try:
            content = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        page = KeptPage(headers, content)
        if len(content) <= MAX_BYTES:
            self.kept.add(key, page, generation=generation)
        return page.answer(environ, start_response)

    def listen(self) -> None:
        # Not at import: a web server may fork after loading the application.
        if self.listener is None or not self.listener.is_alive():
            with self.starting:
                if self.listener is None or not self.listener.is_alive():
                    self.listener = Listener(self.kept)
                    self.listener.start()


def with_page_cache(application):
    """The application with the cache around it, unless PAGE_CACHE says otherwise (development: templates change)."""
    return PageCache(application) if settings.PAGE_CACHE else application
