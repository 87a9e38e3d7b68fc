"""A server on loopback that stands in for OpenAI or Gemini: real HTTP, scripted answers, only for valid requests."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .published import refused_by_gemini, refused_by_openai
from .wire import Reply


@dataclass
class Request:
    path: str
    headers: dict  # names in small letters
    body: dict


@dataclass
class LoopbackServer:
    """Gives `replies` in turn (the last one again and again) and remembers the `requests`.

    `refuses` answers instead, where the provider's description does not allow the request.
    """

    url: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    refuses: Callable[[str, dict], Reply | None] = lambda path, body: None

    def answers(self, *replies: Reply) -> None:
        self.replies[:] = replies

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def loopback():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.answer({})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(body, server.refuses(self.path, body))

        def answer(self, body, refusal=None):
            server.requests.append(
                Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
            reply = refusal or server.next_reply()
            time.sleep(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.events is None:
                data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            else:
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                for event in reply.events:
                    self.wfile.write(event.encode())
                    self.wfile.flush()
                self.close_connection = True

        def log_message(self, *args):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = LoopbackServer(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def openai_server(loopback, settings):
    settings.OPENAI_API_KEY = "sk-test"
    settings.OPENAI_BASE_URL = f"{loopback.url}/v1"
    settings.OPENAI_MODEL = "gpt-5-mini"
    loopback.refuses = refused_by_openai
    settings.AI_TIMEOUT = 1.0
    return loopback


@pytest.fixture
def gemini_server(loopback, settings):
    settings.GEMINI_API_KEY = "AIza-test"
    settings.GEMINI_BASE_URL = loopback.url
    settings.GEMINI_MODEL = "gemini-2.5-flash"
    loopback.refuses = refused_by_gemini
    settings.AI_TIMEOUT = 1.0
    return loopback


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """No waiting in tests: neither before a second try nor between the demo's words."""
    from content_studio.ai.base import Provider
    from content_studio.ai.demo import Demo

    monkeypatch.setattr(Provider, "pause_before_retry", 0.0)
    monkeypatch.setattr(Demo, "pace", 0.0)
