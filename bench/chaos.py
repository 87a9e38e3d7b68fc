"""Nothing lost, nothing twice: posts leave while workers are killed with -9 and stopped, and PostgreSQL crashes.

Several clusters of workers on a database server of their own send through the
real Mastodon adapter to a server on loopback that keeps what it took, drops
some answers on the floor and answers some with garbage. At the end its own
record must have every post once, and every unknown outcome must be known.

    bench/chaos                      3,000 posts, three clusters, some minutes
    bench/chaos --posts 300 --short  what the test suite runs
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

LEASE = 6  # seconds; shorter than in production, so that what died is taken up sooner


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--clusters", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="one fault of each kind, one after another")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    asked = parser.parse_args()
    with own_database():
        return Chaos(asked).run()


@contextlib.contextmanager
def own_database():
    """A database server of this run's own, in a temporary directory, with the product's tables."""
    home = Path(tempfile.mkdtemp(prefix="chaos-"))
    home.chmod(0o755)
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {
        "EMBEDDED_POSTGRES_DIR": str(home / "postgres"),
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "PUBLISHING_LEASE": str(LEASE),
    }
    from cms import baseline, embedded_postgres

    embedded_postgres.ensure_running()
    try:
        import django

        django.setup()
        baseline.restore(embedded_postgres.database_name())
        baseline.migrate(embedded_postgres.database_name())
        yield
    finally:
        from django.db import connection

        connection.close()
        embedded_postgres.stop_if_unused()
        shutil.rmtree(home, ignore_errors=True)


class Chaos:
    """One run: what is sent, what is broken, and what must be true at the end."""

    def __init__(self, asked):
        from organizations.models import Organization
        from publishing.factories import ChannelFactory, DeliveryFactory
        from publishing.models import Delivery
        from publishing.tests.loopback import MastodonServer

        self.asked, self.chance = asked, random.Random(asked.seed)
        self.server = Careless(MastodonServer(), self.chance)
        self.clusters: list = []
        self.done: Counter[str] = Counter()
        self.resumed: list[threading.Timer] = []
        organization = Organization.objects.create(name="Chaos", slug="chaos")
        channels = [
            ChannelFactory(
                organization=organization,
                sandbox=False,
                base_url=self.server.url,
                remote_id=f"account{number}",
                credentials={"access_token": f"account{number}"},
            )
            for number in range(asked.accounts)
        ]
        from django.utils import timezone

        # Due over the time that the faults take, some at once.
        start, span = timezone.now() + timedelta(seconds=8), 15 if asked.short else asked.posts / 40
        self.texts = [f"post {number}" for number in range(asked.posts)]
        Delivery.objects.bulk_create(
            DeliveryFactory.build(
                organization=organization,
                channel=channels[number % len(channels)],
                text=text,
                due_at=start + timedelta(seconds=span * (number // 20 * 20) / asked.posts),
            )
            for number, text in enumerate(self.texts)
        )

    # What is broken

    def kill_worker(self):
        with self.some_sender() as pid:
            os.kill(pid, signal.SIGKILL)

    def stop_worker(self):
        """Stopped for longer than its lease, and then let go on as if nothing had happened."""
        with self.some_sender() as pid:
            os.kill(pid, signal.SIGSTOP)
            timer = threading.Timer(LEASE * 2.5, _go_on, [pid])
            timer.start()
            self.resumed.append(timer)

    def kill_cluster(self):
        index = self.chance.randrange(len(self.clusters))
        self.clusters[index].kill()
        self.clusters[index] = self.start_cluster()

    def restart_database(self):
        from django.db import connection

        from cms import embedded_postgres

        connection.close()
        embedded_postgres.restart(crash=False)

    def crash_database(self):
        from django.db import connection

        from cms import embedded_postgres

        connection.close()
        embedded_postgres.restart(crash=True)

    @contextlib.contextmanager
    def some_sender(self):
        """One of the workers, if possible one that is sending something at this moment."""
        from publishing.models import Delivery

        self.until(lambda: any(cluster.senders() for cluster in self.clusters))
        senders = {pid for cluster in self.clusters for pid in cluster.senders()}
        names = Delivery.objects.filter(state="sending").values_list("leased_by", flat=True)
        busy = {int(name.rsplit("-", 2)[1]) for name in names} & senders
        with contextlib.suppress(ProcessLookupError):
            yield self.chance.choice(sorted(busy or senders))

    def start_cluster(self):
        from publishing.tests.workers import Cluster

        return Cluster(workers=2, threads=10, PUBLISHING_LEASE=str(LEASE), CHAOS="1")

    # The run

    def run(self) -> int:
        began = time.monotonic()
        self.clusters = [self.start_cluster() for _number in range(self.asked.clusters)]
        for cluster in self.clusters:
            cluster.wait(workers=2, seconds=90)
        try:
            self.break_things()
            finished = self.wait()
        finally:
            for timer in self.resumed:
                timer.join()
            for cluster in self.clusters:
                cluster.kill()
        return self.judge(finished, time.monotonic() - began)

    def break_things(self):
        kinds = [self.kill_worker, self.crash_database, self.stop_worker, self.kill_cluster, self.restart_database]
        plan = kinds if self.asked.short else [kind for kind in kinds for _time in range(3)] + [self.kill_worker] * 20
        if not self.asked.short:
            self.chance.shuffle(plan)
        self.until(lambda: self.server.took > self.asked.posts // 50)
        for fault in plan:
            fault()
            self.done[fault.__name__] += 1
            time.sleep(self.chance.uniform(1.0, 3.0))

    def until(self, condition, *, seconds=60):
        give_up = time.monotonic() + seconds
        while not condition() and time.monotonic() < give_up:
            time.sleep(0.1)
        return condition()

    def wait(self) -> bool:
        from django.db import Error, connection

        from publishing.models import Delivery

        def all_published():
            try:
                return not Delivery.objects.exclude(state="published").exists()
            except Error:
                connection.close()
                return False

        return self.until(all_published, seconds=240)

    def judge(self, finished: bool, seconds: float) -> int:
        from publishing.models import Attempt, Delivery

        taken = Counter(self.server.texts)
        twice = [text for text, times in taken.items() if times > 1]
        missing = [text for text in self.texts if text not in taken]
        outcomes = Counter(Attempt.objects.values_list("outcome", flat=True))
        open_attempts = Attempt.objects.filter(finished_at=None).count()
        print(f"seed {self.asked.seed}: {self.asked.posts} posts in {seconds:.0f} s")
        print("faults:", ", ".join(f"{name.replace('_', ' ')} {times}" for name, times in self.done.items()))
        print("the server:", ", ".join(f"{name} {times}" for name, times in self.server.did.items()))
        print("attempts:", ", ".join(f"{name or 'open'} {times}" for name, times in outcomes.most_common()))
        print("states:", dict(Counter(Delivery.objects.values_list("state", flat=True))))
        print(f"sent twice: {len(twice)}, missing: {len(missing)}, attempts never closed: {open_attempts}")
        for text in [*twice, *missing][:5]:
            self.tell(text)
        return 0 if finished and not twice and not missing and not open_attempts else 1

    def tell(self, text):
        from publishing.models import Attempt

        print(f"  {text}:")
        for attempt in Attempt.objects.filter(delivery__message__segments__0__text=text).order_by("id"):
            print(f"    {attempt.started_at:%X.%f} {attempt.finished_at and f'{attempt.finished_at:%X.%f}'}"
                  f" {attempt.outcome} {attempt.worker} {attempt.explanation}")  # fmt: skip
        print(f"    taken at {[at for said, at in self.server.log if said == text]}")


class Careless:
    """A server that takes posts, now and then without saying so, and now and then answers nonsense."""

    def __init__(self, server, chance):
        self.server, self.chance, self.did, self.log = server, chance, Counter(), []
        self.url = server.url
        self.take = server.post
        server.routes["POST /api/v1/statuses"] = self.post

    @property
    def texts(self):
        return self.server.texts

    @property
    def took(self):
        return self.did["took"]

    def post(self, request):
        roll = self.chance.random()
        if roll < 0.01:
            self.did["was busy"] += 1
            return 503, {"error": "busy"}, {"Retry-After": "1"}
        time.sleep(self.chance.uniform(0.1, 0.8))
        answer = self.take(request)
        self.did["took"] += 1
        self.log.append((request.form["status"], time.time()))
        if roll < 0.03:
            self.did["took and hung up"] += 1
            return self.server.SILENCE
        if roll < 0.04:
            self.did["took and answered garbage"] += 1
            return 500, b"\x00\xff<html>\xed\xa0\x80"
        return answer


def _go_on(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main())
