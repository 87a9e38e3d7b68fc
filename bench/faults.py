"""One fault after another under the running product: what people see, what the doctor says, and what is lost.

Web server and worker run on a database of their own, with Redis, a mail server, an AI provider, Stripe and a network
that all live on loopback and can be taken away (`bench/faults_world.py`, `bench/faults_services.py`). During each
fault (`bench/faults_breaking.py`) posts come due, somebody opens the studio and saves drafts through the API
(`bench/faults_people.py`), and the doctor is asked. Afterwards every post must be on the network once, and every
draft that was confirmed must be there.

    bench/faults                      every fault; needs root for small disks, and redis-server
    bench/faults --only "disk"        those with this word in their name
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from .faults_breaking import faults_of
from .faults_world import World

POSTS = 40  # that come due during each fault
SECONDS = 10.0  # that a fault lasts
PATIENCE = 400.0  # until everything has to be right again: a network that failed often is left alone for two minutes


@dataclass
class Seen:
    """What was seen during one fault, and after it."""

    fault: str
    studio: str = ""
    saving: str = ""
    doctor: str = ""
    more: str = ""
    lost: int = 0
    twice: int = 0
    drafts_lost: int = 0
    seconds: float = 0.0  # after the fault, until all was out and the installation said that it is ready
    afterwards: str = ""  # the studio, when all is over

    @property
    def is_good(self) -> bool:
        nothing_wrong = not (self.lost or self.twice or self.drafts_lost)
        in_order = self.seconds < PATIENCE and self.afterwards.startswith("200")
        return nothing_wrong and in_order and NOTHING not in self.doctor


NOTHING = "sees nothing"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a word in the names of the faults")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="faults-"))
    home.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        world = stack.enter_context(World(home))
        seen = [go_through(world, name, fault) for name, fault in faults_of(world).items() if asked.only in name]
    print(table(seen))
    print(f"load: {os.getloadavg()[0]:.1f}")
    return 0 if seen and all(each.is_good for each in seen) else 1


def table(seen: list[Seen]) -> str:
    lines = [
        "| Fault | The studio | Saving a draft | The doctor | Posts lost, twice | Drafts lost | Right again after |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in seen:
        said = " ".join(filter(None, [each.doctor, each.more]))
        lines.append(
            f"| {each.fault} | {each.studio} | {each.saving} | {said} | {each.lost}, {each.twice} "
            f"| {each.drafts_lost} | {each.seconds:.0f} s |"
        )
    return "\n".join(lines)


def go_through(world: World, name: str, fault: Callable) -> Seen:
    """Lets posts come due, breaks, looks, mends, and waits until everything is right."""
    seen = Seen(name)
    print(f"{name} …", flush=True)
    texts, saved, answers = plan(world, name), set(), Counter()
    time.sleep(2.0)
    with fault() as look:
        began = time.monotonic()
        seen.studio = world.studio.open()
        while time.monotonic() - began < SECONDS:
            saved.add(world.studio.save(f"{name} {len(saved)}", answers))
            time.sleep(0.5)
        seen.doctor, seen.more = ask_doctor(world, look.subject), look.also()
    mended = time.monotonic()
    wait(lambda: are_out(texts) and world.studio.is_ready(), seconds=PATIENCE)
    seen.seconds, seen.afterwards = time.monotonic() - mended, world.studio.open()
    seen.saving = ", ".join(f"{answer} × {times}" for answer, times in answers.most_common())
    taken = Counter(world.network.server.texts)
    seen.lost = sum(text not in taken for text in texts)
    seen.twice = sum(taken[text] > 1 for text in texts)
    seen.drafts_lost = len(saved - {None} - drafts())
    print(f"  {seen}", flush=True)
    return seen


def plan(world: World, name: str) -> list[str]:
    """Posts that come due one after the other while the fault lasts; their texts."""
    from django.utils import timezone

    from publishing.factories import DeliveryFactory
    from publishing.models import Delivery

    start = timezone.now() + timedelta(seconds=1)
    texts = [f"{name} {number}" for number in range(POSTS)]
    Delivery.objects.bulk_create(
        DeliveryFactory.build(
            channel=world.channels[number % len(world.channels)],
            organization=world.organization,
            text=text,
            due_at=start + timedelta(seconds=SECONDS * number / POSTS),
        )
        for number, text in enumerate(texts)
    )
    return texts


def are_out(texts: list[str]) -> bool:
    from django.db import Error, connection

    from publishing.models import Delivery

    try:
        of_these = Delivery.objects.filter(message__segments__0__text__in=texts)
        return of_these.filter(state="published").count() == len(texts)
    except Error:
        connection.close()
        return False


def drafts() -> set[str]:
    from content_studio.models import SocialPost

    return {str(each) for each in SocialPost.objects.values_list("uuid", flat=True)}


def ask_doctor(world: World, subject: str) -> str:
    """What the doctor says of `subject`, with what to do."""
    command = [sys.executable, "-W", "ignore", "manage.py", "doctor", "--json"]
    done = subprocess.run(command, env=world.product.environment, capture_output=True, text=True, check=False)
    try:
        (finding,) = [each for each in json.loads(done.stdout) if each["subject"] == subject]
    except ValueError:
        return f"the doctor himself fell ill: {done.stderr.strip().splitlines()[-1:]}"
    said = f"{subject} {finding['what'].splitlines()[0]}"
    if finding["verdict"] in ("ok", "unused"):
        return said if "ago" in said else f"{subject}: {NOTHING}"
    return f"{said} → {finding['remedy']}"


def wait(condition, *, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while not (done := condition()) and time.monotonic() < give_up:
        time.sleep(0.3)
    return done


if __name__ == "__main__":
    sys.exit(main())
