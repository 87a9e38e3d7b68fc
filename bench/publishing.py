"""Posts due at the same moment, each one call of a network that answers after 50 ms: ours, and BullMQ's beside it.

Both sides have the same number of calls in flight, spread over two worker
processes, and the same sink, which says when each post arrived. BullMQ runs
where Node and redis-server are, from a directory that has its packages:

    mkdir /tmp/bullmq && cd /tmp/bullmq && npm init -y && npm install bullmq ioredis undici@6
    bench/publishing --bullmq /tmp/bullmq
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

HERE = Path(__file__).resolve().parent
WORKERS = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=5000)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--bullmq", type=Path, help="a directory in which bullmq and undici are installed")
    asked = parser.parse_args()

    sink = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(sink.stdout.readline())
        for number in range(asked.rounds):
            mine = ours(port, posts=asked.posts, in_flight=asked.in_flight)
            print(line("Content Studio", mine), flush=True)
            if asked.bullmq and shutil.which("node") and shutil.which("redis-server"):
                theirs = bullmq(port, asked.bullmq, posts=asked.posts, in_flight=asked.in_flight)
                print(line("BullMQ", theirs), flush=True)
                print(
                    f"  ratio: {mine['per_second'] / theirs['per_second']:.2f} of BullMQ's throughput, "
                    f"p99 lateness {mine['p99'] / theirs['p99']:.2f} of BullMQ's, "
                    f"memory {mine['memory'] / theirs['memory']:.2f}",
                    flush=True,
                )
            elif number == 0:
                print("BullMQ: not run (needs --bullmq, node and redis-server)")
    finally:
        sink.kill()
    return 0


def line(name, result) -> str:
    return (
        f"{name:15} {result['per_second']:7.0f}/s  lateness p50 {result['p50']:.2f} s  p99 {result['p99']:.2f} s  "
        f"first {result['first'] * 1000:.0f} ms  memory of workers {result['memory']:.0f} MB"
    )


def measure(port, *, posts, due, pids) -> dict:
    """Waits until every post arrived, and says how fast, how late, and at which peak of memory."""
    peak, give_up = 0.0, due + 120 + posts / 100
    while time.time() < give_up:
        peak = max(peak, sum(map(memory, pids())))
        arrivals = ask(port, "record")
        if len(arrivals) >= posts:
            break
        time.sleep(0.3)
    else:
        raise SystemExit(f"only {len(arrivals)} of {posts} posts arrived")
    twice = [post for post, times in arrivals.items() if len(times) > 1]
    if twice:
        raise SystemExit(f"{len(twice)} posts were sent more than once")
    late = sorted(times[0] - due for times in arrivals.values())
    cuts = quantiles(late, n=100)
    return {
        "per_second": posts / (late[-1] + 0.05),
        "first": late[0],
        "p50": cuts[49],
        "p99": cuts[98],
        "memory": peak,
    }


def ask(port, what):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}") as answer:
        return json.load(answer)


def memory(pid) -> float:
    """Megabytes that a process has for itself, without what it shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_", "Pss_Anon"))) / 2048


def ours(port, *, posts, in_flight) -> dict:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django

    from cms import baseline, embedded_postgres

    embedded_postgres.ensure_running()
    django.setup()
    from django.db import connections

    settings = connections["default"].settings_dict
    settings["TEST"]["TEMPLATE"] = baseline.test_template() if embedded_postgres.is_used() else None
    connections["default"].creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        return _ours(port, posts=posts, in_flight=in_flight)
    finally:
        connections["default"].creation.destroy_test_db(settings["NAME"].removeprefix("test_"), verbosity=0)


def _ours(port, *, posts, in_flight) -> dict:
    from django.db import connection

    from organizations.models import Organization
    from publishing.factories import ChannelFactory, DeliveryFactory
    from publishing.models import Channel, Delivery
    from publishing.tests.workers import Cluster

    ask(port, "forget")
    organization = Organization.objects.create(name="Bench", slug="bench")
    channels = Channel.objects.bulk_create(
        ChannelFactory.build_batch(
            posts, organization=organization, sandbox=False, base_url=f"http://127.0.0.1:{port}/", credentials={}
        )
    )
    cluster = Cluster(workers=WORKERS, threads=in_flight // WORKERS).wait(workers=WORKERS)
    try:
        due = float(int(time.time()) + 12)
        moment = datetime.fromtimestamp(due, UTC)
        Delivery.objects.bulk_create(
            DeliveryFactory.build(channel=channel, organization=organization, text=f"post {number}", due_at=moment)
            for number, channel in enumerate(channels)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE publishing_delivery, publishing_channel")
        if time.time() > due - 2:
            raise SystemExit("This machine is too slow: the posts were due before they were written.")
        pids = cluster.senders()
        result = measure(port, posts=posts, due=due, pids=lambda: pids)
        waits = time.monotonic() + 30
        while Delivery.objects.exclude(state="published").exists() and time.monotonic() < waits:
            time.sleep(0.2)
        if Delivery.objects.exclude(state="published").exists():
            raise SystemExit("Some posts arrived but were not recorded.")
        return result
    finally:
        cluster.kill()


def bullmq(port, packages, *, posts, in_flight) -> dict:
    ask(port, "forget")
    with tempfile.TemporaryDirectory() as directory:
        redis_port = 6391
        redis = subprocess.Popen(
            ["redis-server", "--port", str(redis_port), "--appendonly", "yes", "--appendfsync", "everysec"],
            cwd=directory,
            stdout=subprocess.DEVNULL,
        )
        workers = []
        try:
            time.sleep(1)
            due = float(int(time.time()) + 12)
            asked = [str(port), str(redis_port), str(posts), str(int(due * 1000)), str(in_flight // WORKERS)]
            command = ["node", str(HERE / "bullmq.mjs")]
            for _worker in range(WORKERS):
                worker = subprocess.Popen([*command, "work", *asked], cwd=packages, stdout=subprocess.PIPE, text=True)
                worker.stdout.readline()
                workers.append(worker)
            subprocess.run([*command, "add", *asked], cwd=packages, check=True)
            return measure(port, posts=posts, due=due, pids=lambda: [worker.pid for worker in workers])
        finally:
            for worker in workers:
                worker.kill()
            redis.kill()
            redis.wait()


if __name__ == "__main__":
    sys.exit(main())
