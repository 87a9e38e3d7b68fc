"""Videos go out in pieces: however large the file, little of it is in memory."""

import tracemalloc
from http.server import BaseHTTPRequestHandler

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from publishing.adapters import adapter_for
from publishing.adapters.uploads import PIECE
from publishing.messages import Media, Message, Segment
from publishing.models import Channel
from publishing.tests.loopback import Loopback

SIZE = 200_000_000
MOST = 8_000_000  # bytes that may be in memory at once


class Sink(Loopback):
    """Throws away what is sent to it, but counts it."""

    def __init__(self, routes):
        super().__init__(routes)
        self.taken: dict[str, int] = {}
        outer = self

        class Handler(self.server.RequestHandlerClass):
            def parse_request(self):
                found = BaseHTTPRequestHandler.parse_request(self)
                left = int(self.headers.get("Content-Length") or 0) if found else 0
                if left > PIECE:
                    outer.taken[self.path] = outer.taken.get(self.path, 0) + left
                    while left:
                        left -= len(self.rfile.read(min(left, PIECE)))
                    self.headers.replace_header("Content-Length", "0")
                return found

        self.server.RequestHandlerClass = Handler


@pytest.fixture
def video():
    path = default_storage.save("long.mp4", ContentFile(b""))
    with open(default_storage.path(path), "r+b") as file:
        file.truncate(SIZE)  # a hole: reads as zeros, takes no room
    yield Media(kind="video", path=path, mime_type="video/mp4", alt="A wave", width=1920, height=1080, size=SIZE)
    default_storage.delete(path)


NETWORKS = {
    "mastodon": (
        "/api/v2/media",
        {"access_token": "t"},
        {
            "POST /api/v2/media": (200, "mastodon/media_ready.json"),
            "POST /api/v1/statuses": (200, "mastodon/status.json"),
        },
    ),
    "bluesky": (
        "/xrpc/com.atproto.repo.uploadBlob",
        {"access_jwt": "t"},
        {
            "POST /xrpc/com.atproto.repo.uploadBlob": (200, "bluesky/blob.json"),
            "POST /xrpc/com.atproto.repo.putRecord": (200, "bluesky/first.json"),
        },
    ),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_a_video_of_200_megabytes_never_is_in_memory_as_a_whole(network, video):
    path, credentials, routes = NETWORKS[network]
    server = Sink(routes)
    channel = Channel(network=network, base_url=server.url, remote_id="1", credentials=credentials)
    message = Message(segments=(Segment(text="Look", media=(video,)),))
    tracemalloc.start()
    try:
        adapter_for(channel).publish(message, idempotency_key="key")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        server.close()
    assert server.taken[path] >= SIZE
    assert peak < MOST, f"{peak / 1e6:.1f} MB at once"
