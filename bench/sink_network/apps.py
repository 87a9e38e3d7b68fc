"""Puts a network of one call in the place of Mastodon, on the engine's own wire."""

import re

from django.apps import AppConfig


class SinkNetworkConfig(AppConfig):
    name = "bench.sink_network"
    label = "sink_network"

    def ready(self):
        from publishing import adapters
        from publishing.messages import Published, PublishedSegment

        class SinkAdapter(adapters.Adapter):
            network = "mastodon"
            name = "Sink"
            commit_calls = re.compile(r"^POST ")

            def publish(self, message, *, idempotency_key, progress=(), on_progress=None):
                reply = self.wire.request("POST", self.channel.base_url, data={"post": message.segments[0].text})
                return Published(segments=(PublishedSegment(remote_id=reply.json()["id"]),))

        adapters.ADAPTERS["mastodon"] = SinkAdapter
