"""A network that takes every post, 50 ms after it was asked. Says how late each one was.

python -m bench.sink        prints its port; GET /record answers arrivals, POST anything is a post
"""

import asyncio
import json
import sys
import time

DELAY = 0.05


class Sink(asyncio.Protocol):
    arrivals: dict[str, list[float]] = {}

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            low = head.lower()
            at = low.find(b"content-length:")
            length = int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            if head.startswith(b"GET /record"):
                self.answer(json.dumps(self.arrivals).encode())
            elif head.startswith(b"GET /forget"):
                self.arrivals.clear()
                self.answer(b"{}")
            else:
                self.arrivals.setdefault(json.loads(body)["post"], []).append(time.time())
                asyncio.get_running_loop().call_later(DELAY, self.answer, b'{"id":"1"}')

    def answer(self, body):
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
