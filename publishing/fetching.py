"""Reads public web pages: never an address that only this server can reach, never much, never for long."""

import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from organizations.problems import Problem

from .adapters.wire import connections

MOST_REDIRECTS = 5
MOST_BYTES = 2 * 1024 * 1024
PATIENCE = 12.0  # seconds for everything
_HEADERS = {
    "User-Agent": "ContentStudio/1.0 (link preview)",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "en,*;q=0.5",
}


class CannotBeRead(Problem):
    """`detail` says why; nothing was charged."""

    slug = "page-not-readable"
    status = 422
    title = "The page cannot be read"


@dataclass(frozen=True)
class Fetched:
    """What answered, after every redirect. `body` is empty where only the status was asked for."""

    url: str
    status: int
    content_type: str
    body: bytes = b""


def fetch(url: str, *, with_body: bool = True) -> Fetched:
    """GETs `url`, following redirects; each address on the way is checked when it is connected to.

    Reads at most `MOST_BYTES`. Raises CannotBeRead where nothing answers in time.
    """
    give_up = time.monotonic() + PATIENCE
    for _redirect in range(MOST_REDIRECTS + 1):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise CannotBeRead(_("%(url)s is not the address of a web page.") % {"url": url[:200]})
        try:
            response = connections().request(
                "GET",
                url,
                headers=_HEADERS,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=Timeout(connect=4, read=max(0.1, min(6, give_up - time.monotonic()))),
            )
        except (HTTPError, ValueError, OSError) as error:
            raise CannotBeRead(_("Nothing answers at %(host)s.") % {"host": parts.hostname}) from error
        try:
            location = response.headers.get("location")
            if response.status in (301, 302, 303, 307, 308) and location:
                url = urljoin(url, location)
                continue
            body = _read(response, give_up) if with_body else b""
            return Fetched(url, response.status, response.headers.get("content-type", ""), body)
        except (HTTPError, OSError) as error:
            raise CannotBeRead(
                _("%(host)s broke off in the middle of its answer.") % {"host": parts.hostname}
            ) from error
        finally:
            response.close()
    raise CannotBeRead(_("%(host)s sends its visitors round in circles.") % {"host": urlsplit(url).hostname})


def _read(response, give_up: float) -> bytes:
    body = b""
    for chunk in response.stream(64 * 1024, decode_content=True):
        body += chunk
        if len(body) >= MOST_BYTES or time.monotonic() > give_up:
            break
    return body[:MOST_BYTES]
