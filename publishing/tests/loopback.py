"""Networks faked at the transport: small HTTP servers on loopback. What they were told stays in `record`."""

import json
import threading
import time
from collections import defaultdict
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

REPLIES = Path(__file__).parent / "adapters" / "replies"


class Request:
    """One request as the network saw it."""

    def __init__(self, method, url, headers, body):
        parts = urlsplit(url)
        self.method, self.path, self.headers, self.body = method, parts.path, headers, body
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.at = time.time()

    def __repr__(self):
        return f"{self.method} {self.path}"

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        """Fields of a form, url-encoded or multipart: text as str, files as (content type, bytes)."""
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}
        message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.body)
        fields = {}
        for part in message.get_payload():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            fields[name] = (part.get_content_type(), content) if part.get_filename() else content.decode()
        return fields


class Loopback:
    """Answers by `routes`: "METHOD /path" → a reply, or a function of the request, or a list taken one by one.

    A reply is (status, body[, headers]); a body that ends in .json is a file
    below `replies/`. The reply `SILENCE` closes the connection without a word.
    """

    SILENCE = object()

    def __init__(self, routes=None, *, port=0):
        self.routes = dict(routes or {})
        self.record: list[Request] = []
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.command, self.path, self.headers, body)
                outer.record.append(request)
                answer = outer.answer(request)
                if outer.delay:
                    time.sleep(outer.delay)
                if answer is outer.SILENCE:
                    self.close_connection = True
                    return
                status, content, headers = (*answer, {})[:3]
                if isinstance(content, str) and content.endswith(".json"):
                    content = (REPLIES / content).read_bytes()
                elif not isinstance(content, bytes):
                    content = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, request, client_address):
                pass  # the other side was killed: that is what these tests do

        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        route = self.routes.get(f"{request.method} {request.path}")
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            route = route(request)
        return route if route is not None else (404, {"error": f"nothing at {request!r}"})

    def calls(self, method, path):
        return [request for request in self.record if (request.method, request.path) == (method, path)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MastodonServer(Loopback):
    """Keeps statuses, ignores idempotency keys, and lists them: the least that a server of this kind does."""

    def __init__(self):
        super().__init__({"POST /api/v1/statuses": self.post})
        self.statuses = defaultdict(list)
        self.arrivals = {}

    def answer(self, request):
        if request.path.startswith("/api/v1/accounts/"):
            return self.list(request)
        return super().answer(request)

    def post(self, request):
        account = request.headers["Authorization"].removeprefix("Bearer ")
        status = {
            "id": str(len(self.record)),
            "created_at": timezone.now().isoformat(),
            "in_reply_to_id": None,
            "content": f"<p>{request.form['status']}</p>",
            "url": f"{self.url}/{len(self.record)}",
        }
        self.statuses[account].insert(0, status)
        self.arrivals[request.form["status"]] = request.at
        return 200, status

    def list(self, request):
        statuses = self.statuses[request.path.split("/")[4]]
        before = request.query.get("max_id")
        if before:
            statuses = [status for status in statuses if int(status["id"]) < int(before)]
        return 200, statuses[:40]

    @property
    def texts(self):
        return [status["content"][3:-4] for statuses in self.statuses.values() for status in reversed(statuses)]
