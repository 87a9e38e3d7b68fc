"""Keeps deliveries leaving on time, many at once: one dispatcher per django-q2 worker process.

It claims what is due a second ahead, holds it in a heap, and lets it go at the
exact moment. It lives in a thread of the worker and not in a task: a worker
that is killed is replaced by django-q2 at once, dispatcher included, and no
broker can lose it. The rows in PostgreSQL are the truth.

    loop thread      all of the database: claim, begin, record, renew, sweep
    sender threads   the calls
    news thread      `delivery_finished`
"""

import gc
import heapq
import itertools
import logging
import os
import queue
import signal
import socket
import threading
import time
from collections import defaultdict, deque
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection

from . import claiming, clock, health, leasing, missed, recording
from .announcing import announce
from .delivering import attempt
from .jobs import Job, Record
from .models import Attempt, Worker

log = logging.getLogger("publishing")

AHEAD = timedelta(seconds=1)
POLL_SECONDS = 0.2
SWEEP_SECONDS = 3.0
HEALTH_SECONDS = 1.0
GATHER_SECONDS = 0.02  # in a rush, so that one statement serves many


class Dispatcher:
    """Claims, sends and records until `stop` is called or its worker ends; then it finishes what it began."""

    def __init__(self, *, threads: int | None = None):
        self.threads = threads or settings.PUBLISHING_THREADS
        self.name = f"{socket.gethostname()}-{os.getpid()}-{time.time_ns() // 1_000_000}"
        self.stopping = threading.Event()
        self.work: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.events: queue.SimpleQueue = queue.SimpleQueue()  # Records, and segments of threads to be kept
        self.held: dict[UUID, Job] = {}  # claimed, not begun
        self.in_flight: dict[UUID, Job] = {}
        self.heap: list[tuple[float, int, Job]] = []  # waiting for their moment
        self.lanes: dict[UUID, deque[Job]] = defaultdict(deque)  # due, in order, per channel
        self.ready: deque[UUID] = deque()  # channels whose lane may move
        self.busy: set[UUID] = set()  # channels with a call under way
        self.unkept: deque[tuple[Job, dict, threading.Event]] = deque()
        self.unrecorded: list[Record] = []
        self.unnoted: list[Record] = []
        self.calling = 0  # begun, and no sender is done with it yet
        self.sent = 0
        self.started_at = clock.now()
        self.parent = os.getppid()
        self.sweeper = leasing.Sweeper()
        self._count = itertools.count()
        self._next = dict.fromkeys(["claim", "renew", "sweep", "health"], 0.0)
        self._news = threading.Event()
        self._over = threading.Event()

    # Life

    def start(self) -> "Dispatcher":
        gc.freeze()  # what is loaded by now stays: no collection has to look at it again
        self.loop_thread = threading.Thread(target=self.run, name="dispatcher")
        self.loop_thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self.events.put(None)

    def run(self) -> None:
        senders = [threading.Thread(target=self._send, name=f"sender-{n}", daemon=True) for n in range(self.threads)]
        news = threading.Thread(target=self._tell_news, name="news", daemon=True)
        for thread in [*senders, news]:
            thread.start()
        log.info("Dispatcher %s started with %s senders", self.name, self.threads)
        shaken = True  # whether the rows may say something else than this process knows
        while not self._is_over():
            try:
                if shaken:
                    self._settle()
                    shaken = False
                self._turn()
            except DatabaseTrouble as err:
                log.warning("Dispatcher %s: %s; going on in a moment", self.name, str(err).strip())
                shaken = self._disconnect()
            except Exception:
                log.exception("Dispatcher %s", self.name)
                shaken = self._disconnect()
        for _thread in senders:
            self.work.put(None)
        self._farewell()
        self._over.set()
        self._news.set()
        news.join(timeout=10.0)

    def _is_over(self) -> bool:
        if not threading.main_thread().is_alive() or os.getppid() != self.parent:
            self.stopping.set()
        return self.stopping.is_set() and not self.in_flight and not self.unrecorded

    def _disconnect(self) -> bool:
        time.sleep(0.3)
        connection.close()
        return True

    def _settle(self) -> None:
        """Begins anew on a fresh connection: keeps what the senders have, and lets go of all else."""
        leasing.prepare_connection()
        clock.ask_database()
        self.held.clear()
        self.heap.clear()
        self.lanes.clear()
        self.ready.clear()
        self._renew()
        if let_go := leasing.let_go(worker=self.name, keep=list(self.in_flight)):
            log.info("Dispatcher %s gave %s deliveries back after trouble", self.name, let_go)
        self._next["claim"] = 0.0

    def _farewell(self) -> None:
        try:
            leasing.put_back(self.held, worker=self.name)
            health.note(self.unnoted)
            Worker.objects.filter(pk=self.name).delete()
        except DatabaseTrouble:
            log.warning("Dispatcher %s could not say goodbye; its leases run out by themselves", self.name)
        finally:
            connection.close()
        log.info("Dispatcher %s ended after %s deliveries", self.name, self.sent)
        if os.getppid() != self.parent:
            os.kill(os.getpid(), signal.SIGTERM)  # the cluster died: its workers must not go on without it

    # The loop

    def _turn(self) -> None:
        now = time.monotonic()
        if self._is_time("renew", now, leasing.RENEW_SECONDS):
            clock.ask_database()
            self._renew()
        if not self.stopping.is_set():
            if self._is_time("sweep", now, SWEEP_SECONDS):
                self.sweeper.sweep()
                missed.decide()
            if self._wants_more() and self._is_time("claim", now, POLL_SECONDS):
                self._claim()
            self._release()
            self._begin()
        if self._is_time("health", now, HEALTH_SECONDS):
            self._note_health()
        self._collect(self._pause())

    def _is_time(self, what: str, now: float, every: float) -> bool:
        if now < self._next[what]:
            return False
        self._next[what] = now + every
        return True

    def _pause(self) -> float:
        """Seconds until there is something to do, if no call ends before."""
        if self.stopping.is_set():
            return POLL_SECONDS
        until = POLL_SECONDS
        if self._wants_more():
            until = min(until, self._next["claim"] - time.monotonic())
        if self.heap:
            until = min(until, self.heap[0][0] - clock.now().timestamp())
        if self._may_begin():
            until = 0.0
        return max(until, 0.0)

    def _room(self) -> int:
        """How many more may be begun: twice as many as there are senders, so that none waits for the database."""
        return self.threads * 2 - self.calling

    def _may_begin(self) -> bool:
        """At once while a sender is idle; in a rush, many with one statement."""
        return bool(self.ready) and (self._room() > self.threads or self._room() >= min(self.threads // 2, 50))

    def _wants_more(self) -> bool:
        """Little is held, so that at the end of a rush no worker has much left while another has nothing."""
        return len(self.held) < self.threads * 2

    def _claim(self) -> None:
        now = clock.now()
        limit = self.threads * 4 - len(self.held)
        jobs = claiming.claim(worker=self.name, until=now + AHEAD, missed_before=missed.missed_before(now), limit=limit)
        for job in jobs:
            self.held[job.id] = job
            heapq.heappush(self.heap, (job.next_attempt_at.timestamp(), next(self._count), job))
        if len(jobs) == limit:
            self._next["claim"] = 0.0  # there is more where this came from

    def _release(self) -> None:
        now = clock.now().timestamp()
        while self.heap and self.heap[0][0] <= now:
            job = heapq.heappop(self.heap)[2]
            lane = self.lanes[job.channel.pk]
            lane.append(job)
            if len(lane) == 1 and job.channel.pk not in self.busy:
                self.ready.append(job.channel.pk)

    def _begin(self) -> None:
        if not self._may_begin():
            return
        batch: list[Job] = []
        while self.ready and len(batch) < self._room():
            batch.append(self.lanes[self.ready.popleft()].popleft())
        try:
            begun = claiming.begin(batch, worker=self.name, until=clock.now() + timedelta(milliseconds=50))
        except DatabaseTrouble:
            for job in reversed(batch):
                self.lanes[job.channel.pk].appendleft(job)
                self.ready.appendleft(job.channel.pk)
            raise
        for job in batch:
            self.held.pop(job.id, None)
        for job in begun:
            self.in_flight[job.id] = job
            self.calling += 1
            self.busy.add(job.channel.pk)
            self.work.put(job)
        left_out = [job for job in batch if job.id not in self.in_flight]
        leasing.put_back([job.id for job in left_out], worker=self.name)
        for job in left_out:
            self._free(job.channel.pk)

    def _free(self, channel: UUID) -> None:
        self.busy.discard(channel)
        if self.lanes[channel]:
            self.ready.append(channel)
        else:
            del self.lanes[channel]

    def _collect(self, wait: float) -> None:
        """Waits for calls to end, and records all that have, at once."""
        try:
            event = self.events.get(timeout=wait) if wait > 0 else self.events.get_nowait()
            if self.calling > self.threads:
                time.sleep(GATHER_SECONDS)
            while True:
                if isinstance(event, Record):
                    self.calling -= 1
                    self.unrecorded.append(event)
                    self._free(event.job.channel.pk)
                elif event is not None:
                    self.unkept.append(event)
                event = self.events.get_nowait()
        except queue.Empty:
            pass
        while self.unkept:
            self._keep(*self.unkept[0])
            self.unkept.popleft()
        if self.unrecorded:
            self._record()

    def _record(self) -> None:
        records = self.unrecorded[:200]
        recorded = recording.record(records, worker=self.name)
        self.unrecorded = self.unrecorded[len(records) :]
        for record in records:
            self.in_flight.pop(record.job.id, None)
            self.sent += record.outcome == Attempt.Outcome.PUBLISHED
            if record.job.id not in recorded:
                log.error("Delivery %s: the outcome %s came too late", record.job.id, record.outcome)
        self.unnoted.extend(records)
        if any(record.outcome != Attempt.Outcome.PUBLISHED for record in records):
            self._note_health()
        self._news.set()

    def _note_health(self) -> None:
        records, self.unnoted = self.unnoted, []
        if records:
            health.note(records)
            for record in records:
                if record.outcome in health.BAD or record.outcome == Attempt.Outcome.RECONNECT:
                    self._give_up_lane(record.job.channel.pk)

    def _give_up_lane(self, channel: UUID) -> None:
        """After trouble, what else is claimed of the channel goes back: the claim knows what is paused."""
        gone = {job.id for job in self.held.values() if job.channel.pk == channel}
        self._forget(gone)
        leasing.put_back(gone, worker=self.name)

    def _forget(self, gone: set[UUID]) -> None:
        if not gone:
            return
        self.heap = [entry for entry in self.heap if entry[2].id not in gone]
        heapq.heapify(self.heap)
        for channel in {self.held.pop(job_id).channel.pk for job_id in gone}:
            lane = deque(job for job in self.lanes[channel] if job.id not in gone)
            self.lanes[channel] = lane
            if not lane:
                del self.lanes[channel]
                if channel in self.ready:
                    self.ready.remove(channel)

    def _renew(self) -> None:
        began, jobs = clock.elapsed(), {**self.held, **self.in_flight}
        mine = leasing.renew(jobs, worker=self.name)
        for job_id in mine:
            jobs[job_id].trusted_until = leasing.trusted_until(began)
        self._forget(self.held.keys() - mine)
        now = clock.now()
        Worker.objects.update_or_create(
            name=self.name,
            defaults={"seen_at": now, "in_flight": len(self.in_flight), "sent": self.sent},
            create_defaults={"seen_at": now, "started_at": self.started_at},
        )

    # Senders

    def _send(self) -> None:
        while (job := self.work.get()) is not None:
            record = attempt(job, keep_progress=self._keep_progress)
            if connection.connection is not None:
                connection.close()
            self.events.put(record)

    def _keep_progress(self, job: Job, segment: dict) -> None:
        """Called by a sender between two segments of a thread: goes on when the first is safely written."""
        written = threading.Event()
        self.events.put((job, segment, written))
        written.wait(timeout=30.0)

    def _keep(self, job: Job, segment: dict, written: threading.Event) -> None:
        recording.keep_progress(job, segment, worker=self.name)
        written.set()

    def _tell_news(self) -> None:
        while not self._over.is_set():
            self._news.wait(timeout=2.0)
            self._news.clear()
            # Sending goes first: in a rush, the news waits until it is over, but never long.
            patience = time.monotonic() + 5.0
            while len(self.held) > self.threads and time.monotonic() < patience:
                time.sleep(0.1)
            try:
                while announce():
                    time.sleep(0.02)
            except Exception:
                log.exception("News of deliveries")
                connection.close()
                time.sleep(1.0)
            close_old_connections()
        connection.close()


_running: Dispatcher | None = None


def start_in_worker(**kwargs) -> None:
    """Answers django-q2's `post_spawn`: one dispatcher per worker process."""
    global _running
    if settings.PUBLISHING_DISPATCH and _running is None:
        _running = Dispatcher()
        _running.start()
