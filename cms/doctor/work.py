"""Whether the work gets done: workers, deliveries, networks, tasks and mails."""

from django.utils import timezone
from django_q.models import OrmQ

from organizations.mailing import waiting_longer_than
from publishing.models import Channel, Delivery, NetworkPause, Worker

from .findings import MOST_LATE, Finding, Verdict


def worker(subject: str) -> Finding:
    alive = Worker.alive().count()
    if not alive:
        return Finding(
            subject,
            Verdict.FAILED,
            "none is running: nothing is published",
            "Start one: manage.py qcluster (bin/start and the compose file do). Its log says why it ended.",
        )
    return Finding(subject, Verdict.OK, f"{alive} running")


def deliveries(subject: str) -> Finding:
    late = Delivery.objects.waiting().filter(next_attempt_at__lt=timezone.now() - MOST_LATE).count()
    if late:
        return Finding(
            subject,
            Verdict.FAILED,
            f"{late} are more than {MOST_LATE.seconds // 60} minutes late",
            "See the worker's line above. If it runs, start more of them or raise PUBLISHING_THREADS.",
        )
    return Finding(subject, Verdict.OK, "none is late")


def networks(subject: str) -> Finding:
    paused = list(NetworkPause.objects.filter(until__gt=timezone.now()).values_list("host", flat=True))
    reconnect = Channel.objects.filter(state=Channel.State.RECONNECT).count()
    if paused:
        what = f"not tried for now, because too many calls failed: {', '.join(sorted(paused))}"
        return Finding(subject, Verdict.WARNING, what, "They are tried again by themselves. See the network's status.")
    if reconnect:
        what = f"{reconnect} channels wait for their people to connect them again"
        return Finding(subject, Verdict.WARNING, what, "The people of those organizations have been told.")
    return Finding(subject, Verdict.OK, "none is paused, every channel is connected")


def tasks(subject: str) -> Finding:
    """The queue of background work. A task that is in hand is locked until it may be taken for lost."""
    waiting = OrmQ.objects.filter(lock__lt=timezone.now() - MOST_LATE).order_by("lock")
    if oldest := waiting.first():
        what = f"{waiting.count()} wait to be begun, the oldest since {oldest.lock:%Y-%m-%d %H:%M} UTC"
        return Finding(
            subject, Verdict.FAILED, what, "See the worker's line. If it runs, raise WORKERS or add a machine."
        )
    return Finding(subject, Verdict.OK, "none waits long")


def mails_waiting(subject: str) -> Finding:
    waiting = waiting_longer_than(MOST_LATE)
    if oldest := waiting.first():
        since = oldest.when_added.strftime("%Y-%m-%d %H:%M UTC")
        what = f"{waiting.count()} wait to be sent, the oldest since {since}"
        remedy = "They are sent by themselves once a worker runs and the mail server takes them: see both lines."
        return Finding(subject, Verdict.FAILED, what, remedy)
    return Finding(subject, Verdict.OK, "none waits")
