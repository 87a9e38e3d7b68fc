"""Nobody makes this server call what only it can reach, however the address is written or the name resolves."""

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from urllib3.exceptions import HTTPError

from organizations import outgoing

OURS_ALONE = {
    "loopback": "127.0.0.1",
    "loopback in IPv6": "::1",
    "anywhere on this machine": "0.0.0.0",
    "a private network": "10.1.2.3",
    "a carrier's network": "100.64.0.1",
    "a cloud's metadata": "169.254.169.254",
    "a private network in IPv6": "fd00::1",
    "link-local, with a zone": "fe80::1%eth0",
    "mapped into IPv6": "::ffff:10.1.2.3",
    "an old form of it": "::127.0.0.1",
    "by NAT64": "64:ff9b::a01:203",
    "by 6to4": "2002:7f00:1::",
    "many at once": "224.0.0.1",
    "many at once in IPv6": "ff02::1",
}


@pytest.fixture
def server():
    """A server on loopback that counts who comes."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.visits += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.visits = 0
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def resolves(monkeypatch):
    """`resolves(first, second, …)`: what each look-up of any name finds, one after the other."""

    def to(*answers):
        left = list(answers)

        def look_up(host, port, *args, **kwargs):
            address = left.pop(0) if len(left) > 1 else left[0]
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return to


@pytest.mark.parametrize("address", OURS_ALONE.values(), ids=OURS_ALONE)
def test_what_is_ours_alone_is_not_public(address):
    assert not outgoing.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_what_everybody_reaches_is_public(address):
    assert outgoing.is_public(address)


def test_a_name_that_leads_inside_is_not_connected_to(settings, server, resolves):
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False
    resolves("127.0.0.1")
    with pytest.raises(HTTPError, match="is not a public address"):
        outgoing.connections().request("GET", f"http://looks-harmless.example:{server.server_port}/")
    assert server.visits == 0
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = True
    outgoing.connections().request("GET", f"http://looks-harmless.example:{server.server_port}/")
    assert server.visits == 1


def test_a_name_is_looked_up_once_and_just_what_was_checked_is_connected_to(settings, server, resolves, monkeypatch):
    """A name that is public when it is checked and private when it is connected to gains nothing."""
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False
    called = []

    def connect(address, *args, **kwargs):
        called.append(address)
        raise OSError("nobody is called in a test")

    monkeypatch.setattr(outgoing.sockets, "create_connection", connect)
    resolves("8.8.8.8", "127.0.0.1")
    with pytest.raises(HTTPError):
        outgoing.connections().request("GET", f"http://rebinding.example:{server.server_port}/")
    assert called == [("8.8.8.8", server.server_port)]
