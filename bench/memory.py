"""Whether workers and web server grow over a long publishing run.

Posts come due all the time, each one call of a network that answers after
50 ms, while somebody looks at the studio and a tool at the API. The memory that
each process takes is written down every half minute. What is built up
once (caches, connections, compiled templates) is built up in the first third,
so the growth is that of the rest; it ends with 1 where that is more than
`MOST` of what a process has.

    bench/memory [--posts 24000] [--minutes 8]
"""

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import database
from .publishing import ask

CHANNELS = 300
PORTION = 2.0  # seconds of posts that are planned at a time
SAMPLE = 30.0
MOST = 0.05


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=24_000)
    parser.add_argument("--minutes", type=float, default=8.0)
    asked = parser.parse_args()
    database.set_up(DJANGO_SETTINGS_MODULE="bench.settings", LOG_LEVEL="ERROR")
    with contextlib.ExitStack() as stack:
        sink = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True)
        stack.callback(sink.kill)
        stack.enter_context(database.own_database("content_studio_memory"))
        run = Run(port=int(sink.stdout.readline()), posts=asked.posts, seconds=asked.minutes * 60)
        run.start(stack)
        return run.go()


def weight(pid: int) -> float:
    """Megabytes that a process takes: all of what it has for itself, and its part of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


class Run:
    """One run: what is planned, who looks on, and what every process weighs."""

    def __init__(self, *, port: int, posts: int, seconds: float):
        self.sink, self.posts, self.seconds = port, posts, seconds
        self.samples: list[tuple[float, int, dict[str, float]]] = []

    def start(self, stack: contextlib.ExitStack) -> None:
        from publishing.factories import ChannelFactory
        from publishing.models import Channel
        from publishing.tests.workers import Cluster, children, database_url

        from . import posts

        self.team = posts.make_team("Long run")
        posts.add_posts(self.team, 200)
        self.channels = Channel.objects.bulk_create(
            ChannelFactory.build_batch(
                CHANNELS,
                organization=self.team.organization,
                sandbox=False,
                base_url=f"http://127.0.0.1:{self.sink}/",
                credentials={},
            )
        )
        self.cluster = Cluster(workers=2, threads=25)
        stack.callback(self.cluster.kill)
        self.cluster.wait(workers=2, seconds=60)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        web = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "cms/gunicorn.py", "cms.wsgi"],
            env={**os.environ, "DATABASE_URL": database_url(), "PORT": str(self.port), "LOG_LEVEL": "ERROR"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(web.wait)
        stack.callback(web.terminate)
        self.session = self.session_of(self.team.people["admin"])
        give_up = time.monotonic() + 60
        while not self.look("/healthz") and time.monotonic() < give_up:
            time.sleep(0.3)
        workers = {f"worker {number}": pid for number, pid in enumerate(self.cluster.senders(), 1)}
        self.processes = workers | {f"web {number}": pid for number, pid in enumerate(children(web.pid), 1)}

    @staticmethod
    def session_of(person) -> str:
        from django.test import Client

        client = Client()
        client.force_login(person)
        return client.cookies["sessionid"].value

    def look(self, path: str) -> bool:
        headers = {"Cookie": f"sessionid={self.session}"} if hasattr(self, "session") else {}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"http://localhost:{self.port}{path}", headers=headers), timeout=30
            ) as answer:
                return answer.status == 200 and bool(answer.read())
        except OSError:
            return False

    def plan(self, number: int, count: int) -> None:
        from publishing.factories import DeliveryFactory
        from publishing.models import Delivery

        start = datetime.now(UTC) + timedelta(seconds=1)
        Delivery.objects.bulk_create(
            DeliveryFactory.build(
                channel=self.channels[each % CHANNELS],
                organization=self.team.organization,
                text=f"post {each}",
                due_at=start + timedelta(seconds=PORTION * (each - number) / count),
            )
            for each in range(number, number + count)
        )

    def go(self) -> int:
        pages = ["/admin/deliveries/", "/admin/", "/admin/publishing/", "/admin/channels/"]
        began, planned, looked, refused = time.monotonic(), 0, 0, 0
        names = list(self.processes)
        print(f"{'minute':>7} {'posts':>7} {' '.join(f'{name:>10}' for name in names)}   MB", flush=True)
        while (elapsed := time.monotonic() - began) < self.seconds + 10:
            wanted = min(self.posts, round(self.posts * (elapsed + PORTION) / self.seconds))
            if wanted > planned:
                self.plan(planned, wanted - planned)
                planned = wanted
            refused += not self.look(pages[looked % len(pages)])
            looked += 1
            if elapsed >= len(self.samples) * SAMPLE:
                self.sample(elapsed)
            time.sleep(max(0.0, min(0.5, PORTION - (time.monotonic() - began - elapsed))))
        self.sample(time.monotonic() - began)
        return self.judge(looked, refused)

    def sample(self, elapsed: float) -> None:
        out = len(ask(self.sink, "record"))
        weights = {name: weight(pid) for name, pid in self.processes.items()}
        self.samples.append((elapsed, out, weights))
        shown = " ".join(f"{weight:10.1f}" for weight in weights.values())
        print(f"{elapsed / 60:7.1f} {out:7} {shown}", flush=True)

    def judge(self, looked: int, refused: int) -> int:
        arrivals = ask(self.sink, "record")
        twice = sum(len(times) > 1 for times in arrivals.values())
        late = self.samples[len(self.samples) // 3 :]
        grown = {name: (late[-1][2][name] - late[0][2][name]) / max(late[0][2][name], 1.0) for name in self.processes}
        print(f"{len(arrivals)} of {self.posts} posts out, {twice} twice; {looked} pages looked at, {refused} refused")
        print("growth after the first third:", ", ".join(f"{name} {share:+.1%}" for name, share in grown.items()))
        print(f"load: {os.getloadavg()[0]:.1f}")
        return 0 if len(arrivals) == self.posts and not twice and max(grown.values()) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
