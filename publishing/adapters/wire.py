"""The way out to the networks: HTTP that never reaches private addresses, keeps a log and names what went wrong.

A `Wire` serves one attempt. What it wrote and read, without secrets, stays in
`exchanges` for the attempt log. Client libraries built on requests go through
it by `Wire.session()`.
"""

import email.utils
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
import urllib3
from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as AnyTimeout

from organizations.outgoing import PrivateAddress, connections
from publishing.errors import OutcomeUnknown, Rejected, TryLater

from .uploads import Upload

LARGEST_REPLY = 4 * 1024 * 1024
KEPT = 4000  # characters of a body that the log keeps
LONGEST_ESCAPE = 6  # characters that one byte may become in JSON, as \\u0000
SECRET = re.compile(
    r"(token|secret|password|authorization|jwt|client_id|code_verifier|^code$|api_?key|assertion|signature)", re.I
)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Any  # case-insensitive
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_readable(self) -> bool:
        """True for JSON, and for no body at all, which is an answer of some networks."""
        try:
            json.loads(self.body or b"{}")
        except ValueError:
            return False
        return True

    def json(self) -> Any:
        """The body as JSON; an empty dictionary where it is none."""
        return json.loads(self.body or b"{}") if self.is_readable else {}


class Wire:
    """HTTP for one attempt.

    `commits` tells the calls that make a post visible: no answer to one of
    these means OutcomeUnknown, to any other TryLater. `name` is the network's
    name for the sentences that an editor reads.
    """

    def __init__(self, *, name: str, commits: Callable[[str, str], bool] = lambda method, url: False):
        self.name = name
        self.commits = commits
        self.exchanges: list[dict] = []
        self.quota: dict = {}
        self.committed = False  # whether a call that makes a post visible was ever begun
        self.before_commit: Callable[[], None] = lambda: None  # may raise OutOfTouch

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Any = None,
        fields: list | dict | None = None,
        form: dict | None = None,
        body: Any = None,
        headers: dict | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Calls and answers with whatever came back below 500, except 429.

        `data` is sent as JSON, `form` url-encoded, `fields` as multipart, `body` as it is; an Upload
        is read while it is sent.
        """
        headers = dict(headers or {})
        if data is not None:
            body = json.dumps(data, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        elif form is not None:
            body = urlencode(form).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif fields is not None:
            body, content_type = urllib3.filepost.encode_multipart_formdata(fields)
            headers.setdefault("Content-Type", content_type)
        headers.setdefault("User-Agent", settings.PUBLISHING_USER_AGENT)
        return self._call(method, url, body, headers, timeout)

    def session(self) -> requests.Session:
        """A requests session for client libraries, whose calls go through here."""
        session = requests.Session()
        session.trust_env = False
        session.max_redirects = 0
        session.mount("https://", _Transport(self))
        session.mount("http://", _Transport(self))
        return session

    def _call(self, method: str, url: str, body, headers: dict, timeout: float | None = None) -> Reply:
        if commits := self.commits(method, url):
            self.before_commit()
            self.committed = True
        if isinstance(body, Upload):
            headers = {**headers, "Content-Length": str(body.length)}
        exchange = {"method": method, "url": _without_secrets(url), "sent": _readable(body, headers)}
        self.exchanges.append(exchange)
        began = time.monotonic()
        try:
            response = connections().request(
                method,
                url,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=5.0, read=timeout or settings.PUBLISHING_TIMEOUT),
                redirect=False,
                preload_content=False,
            )
            content = response.read(LARGEST_REPLY, decode_content=True)
            response.release_conn()
        except (HTTPError, OSError) as err:
            raise self._no_answer(err, commits=commits, exchange=exchange) from err
        finally:
            exchange["milliseconds"] = round((time.monotonic() - began) * 1000)
        reply = Reply(status=response.status, headers=response.headers, body=content)
        exchange["status"] = reply.status
        exchange["received"] = _readable(content, dict(reply.headers))
        self._note_quota(reply)
        self._refuse_trouble(reply, commits=commits)
        return reply

    def _no_answer(self, err: Exception, *, commits: bool, exchange: dict):
        cause = err.reason if isinstance(err, MaxRetryError) else err
        exchange["received"] = f"No answer: {cause}"
        if isinstance(cause, NewConnectionError) and isinstance(cause.__cause__, PrivateAddress):
            return Rejected(_("That server is not on the public internet, so nothing is sent to it."))
        not_sent = isinstance(cause, (NewConnectionError, SSLError, urllib3.exceptions.ConnectTimeoutError))
        if not_sent:
            return TryLater(_("%(name)s cannot be reached at the moment.") % {"name": self.name})
        if commits:
            return OutcomeUnknown(
                _("%(name)s did not confirm the post: it may be out, or not.") % {"name": self.name},
            )
        if isinstance(cause, AnyTimeout):
            return TryLater(_("%(name)s took too long to answer.") % {"name": self.name})
        return TryLater(_("The connection to %(name)s broke off.") % {"name": self.name})

    def _refuse_trouble(self, reply: Reply, *, commits: bool) -> None:
        wait = retry_after(reply.headers)
        if reply.status == 429:
            raise TryLater(
                _("%(name)s asks for a pause: too many posts or calls in a short time.") % {"name": self.name},
                retry_after=60.0 if wait is None else wait,
            )
        if reply.status == 503 or (reply.status >= 500 and not commits):
            raise TryLater(
                _("%(name)s has a problem of its own at the moment (it answered %(status)s).")
                % {"name": self.name, "status": reply.status},
                retry_after=wait,
            )
        if reply.status >= 500:
            raise OutcomeUnknown(
                _("%(name)s answered with an error of its own (%(status)s): the post may be out, or not.")
                % {"name": self.name, "status": reply.status}
            )
        if commits and reply.ok and not reply.is_readable:
            raise OutcomeUnknown(
                _("%(name)s answered with something that cannot be read: the post may be out, or not.")
                % {"name": self.name}
            )

    def _note_quota(self, reply: Reply) -> None:
        remaining, limit = _first(reply.headers, "remaining"), _first(reply.headers, "limit")
        if remaining is not None and remaining.isdigit():
            resets = _moment(_first(reply.headers, "reset"))
            self.quota = {
                "remaining": int(remaining),
                "limit": int(limit) if limit and limit.isdigit() else None,
                "resets_at": resets.isoformat() if resets else None,
            }


class _Transport(HTTPAdapter):
    """Carries the calls of a library built on requests over a Wire."""

    def __init__(self, wire: Wire):
        super().__init__()
        self.wire = wire

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        reply = self.wire._call(request.method, request.url, request.body, headers)
        raw = urllib3.HTTPResponse(body=reply.body, headers=reply.headers, status=reply.status, preload_content=True)
        response = self.build_response(request, raw)
        response._content = reply.body
        response._content_consumed = True
        return response


def _first(headers, name: str) -> str | None:
    for prefix in ("x-rate-limit-", "x-ratelimit-", "ratelimit-"):
        if (value := headers.get(prefix + name)) is not None:
            return value
    return None


def _moment(value: str | None) -> datetime | None:
    """A reset time, which networks give as seconds since 1970 or in ISO form."""
    if not value:
        return None
    if value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    try:
        return parse_datetime(value)
    except ValueError:
        return None


def retry_after(headers) -> float | None:
    """How many seconds the network asks to wait, from `Retry-After` or from the reset time of an empty quota."""
    value = headers.get("retry-after")
    if value:
        if value.isdigit():
            return float(value)
        if moment := email.utils.parsedate_to_datetime(value) if "," in value else None:
            return max(0.0, moment.timestamp() - time.time())
    if _first(headers, "remaining") == "0" and (moment := _moment(_first(headers, "reset"))):
        return max(0.0, moment.timestamp() - time.time())
    return None


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(f"{name}={'…' if SECRET.search(name) else value}" for name, value in pairs)
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}{f'?{query}' if query else ''}"


def clean(value: Any) -> Any:
    """`value` without anything that looks like a secret."""
    if isinstance(value, dict):
        return {name: "…" if SECRET.search(str(name)) else clean(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(each) for each in value]
    return value


def _readable(body: Any, headers: dict) -> Any:
    """A body as the log keeps it: structured where it can be, without secrets, never files."""
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if isinstance(content_type, bytes):
        content_type = content_type.decode()
    if body is None or body == b"" or body == "":
        return None
    if isinstance(body, Upload):
        return body.described
    if not isinstance(body, (bytes, bytearray, str)):
        return "a file"
    raw = body.encode() if isinstance(body, str) else bytes(body)
    if "multipart/" in content_type:
        return _parts(raw, content_type)
    if "json" in content_type and len(raw) <= 200_000:
        try:
            value = clean(json.loads(raw))
        except ValueError:
            value = raw.decode(errors="replace")
        if len(raw) * LONGEST_ESCAPE <= KEPT:
            return value
        return value if len(json.dumps(value)) <= KEPT else json.dumps(value, ensure_ascii=False)[:KEPT] + "…"
    if "x-www-form-urlencoded" in content_type:
        return clean(dict(parse_qsl(raw.decode(errors="replace"))))
    if content_type.startswith("text/"):
        return raw[:KEPT].decode(errors="replace")
    return f"{len(raw)} bytes ({content_type or 'unknown kind'})"


def _parts(raw: bytes, content_type: str) -> dict:
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    parts: dict[str, str] = {}
    for part in raw.split(b"--" + boundary)[1:-1]:
        head, _sep, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        label = name.group(1).decode() if name else "part"
        small = len(value) <= 2000 and b"filename=" not in head
        parts[label] = value.decode(errors="replace") if small and not SECRET.search(label) else f"{len(value)} bytes"
    return parts
