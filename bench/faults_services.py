"""What the product stands on beside its database, on loopback, so that it can be taken away and given back."""

import contextlib
import signal
import socket
import socketserver
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Careless:
    """A network that takes posts; while it is careless, it takes every second one and answers with garbage."""

    def __init__(self, server):
        self.server, self.url, self.take = server, server.url, server.post
        self.is_careless, self.garbage, self.asked = False, 0, 0
        server.routes["POST /api/v1/statuses"] = self.post

    def post(self, request):
        if not self.is_careless:
            return self.take(request)
        self.garbage += 1
        self.asked += 1
        if self.asked % 2:
            self.take(request)
        return (200, b"\x00\xff<html>\xed\xa0\x80") if self.asked % 3 else (500, b"{")


class Away:
    """A service on loopback that can be stopped and started again at the same port, and made slow."""

    def __init__(self, kind):
        self.kind, self.port, self.delay = kind, 0, 0.0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = self.kind(self)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Mail(socketserver.ThreadingTCPServer):
    """A mail server that takes everything."""

    allow_reuse_address = daemon_threads = True

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    while self.rfile.readline() not in (b".\r\n", b""):
                        pass
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

    def __init__(self, away: Away):
        super().__init__(("127.0.0.1", away.port), self.Talk)


class Http(ThreadingHTTPServer):
    """Answers every question with an empty object, after `delay` seconds."""

    daemon_threads = True

    def __init__(self, away: Away):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                time.sleep(away.delay)
                with contextlib.suppress(BrokenPipeError):  # nobody waits for so long
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")

            do_POST = do_GET

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", away.port), Handler)


class Redis:
    """A Redis server that keeps nothing on disk."""

    def __init__(self, home: Path):
        self.home, self.port, self.process = home, 0, None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", ""]
        self.process = subprocess.Popen(command, cwd=self.home, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
