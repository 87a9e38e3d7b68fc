"""One fault after another under the running product: what people see, what the doctor says, and what is lost.

Web server and worker run on a database of their own, with Redis, a mail server, an AI provider, Stripe and a network
that all live on loopback and can be taken away. During each fault posts come due, somebody opens the studio and saves
drafts through the API, and the doctor is asked. Afterwards every post must be on the network once, and every draft
that was confirmed must be there.

    bench/faults                      every fault; needs root for small disks, and redis-server
    bench/faults --only "disk"        those with this word in their name
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LEASE = 6  # seconds; shorter than in production, so that what died is taken up sooner
POSTS = 40  # that come due during each fault
SECONDS = 10.0  # that a fault lasts
PATIENCE = 400.0  # until everything has to be right again: a network that failed often is left alone for two minutes
DISK, LITTLE = "900m", "24m"  # of the database; of the media and of temporary files


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

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.twice or self.drafts_lost) and self.seconds < PATIENCE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a word in the names of the faults")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="faults-"))
    home.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        world = stack.enter_context(World(home))
        seen = [world.go_through(name, fault) for name, fault in world.faults.items() if asked.only in name]
    print(table(seen))
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


class World:
    """The product, everything it stands on, and how each of these is taken away and given back."""

    def __init__(self, home: Path):
        self.home, self.stack = home, contextlib.ExitStack()
        self.database, self.media, self.temporary = home / "database", home / "media", home / "tmp"
        self.redis: subprocess.Popen | None = None
        self.saved: list[str] = []
        self.answers: Counter[str] = Counter()
        self.faults: dict[str, Callable] = {
            "database restarts": self.database_restarts,
            "database gone": self.database_gone,
            "Redis gone": self.redis_gone,
            "mail server down": lambda: self.away(self.mail, "Mail"),
            "AI provider hangs": self.provider_hangs,
            "Stripe down": lambda: self.away(self.stripe, "Stripe"),
            "network answers garbage": self.network_garbage,
        }
        if os.geteuid() == 0:
            self.faults |= {
                "disk of the database full": lambda: self.full(self.database, "Database"),
                "disk of the media full": lambda: self.full(self.media, "Media", upload=True),
                "disk of temporary files full": lambda: self.full(self.temporary, "Disk", upload=True),
            }

    # Everything there

    def __enter__(self) -> "World":
        for place, size in ((self.database, DISK), (self.media, LITTLE), (self.temporary, LITTLE)):
            place.mkdir()
            if os.geteuid() == 0:
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", place], check=True)
                self.stack.callback(subprocess.run, ["umount", "-l", place], check=False)
        self.mail, self.stripe, self.provider = Away(Mail), Away(Http), Away(Http)
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {
            "EMBEDDED_POSTGRES_DIR": str(self.database / "postgres"),
            "DJANGO_SETTINGS_MODULE": "cms.settings.test",
            "PUBLISHING_LEASE": str(LEASE),
            "MEDIA_ROOT": str(self.media),
        }
        from cms import baseline, embedded_postgres

        embedded_postgres.ensure_running()
        self.stack.callback(embedded_postgres.stop_if_unused)
        import django

        django.setup()
        baseline.test_template()
        from cms.tests.product import Product
        from publishing.tests.loopback import MastodonServer

        self.network = Careless(MastodonServer())
        environment = {
            "MEDIA_ROOT": str(self.media),
            "TMPDIR": str(self.temporary),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "STRIPE_API_BASE": self.stripe.url,
            "STRIPE_SECRET_KEY": "sk_test_faults",
            "OPENAI_BASE_URL": f"{self.provider.url}/v1",
            "OPENAI_API_KEY": "faults",
            "AI_TIMEOUT": "5",
            "PUBLISHING_ALLOW_PRIVATE_ADDRESSES": "true",
            "PUBLISHING_LEASE": str(LEASE),
            "DEBUG": "false",
        }
        if shutil.which("redis-server"):
            environment["REDIS_URL"] = f"redis://127.0.0.1:{self.start_redis()}/0"
        else:
            del self.faults["Redis gone"]
        self.product = Product(**environment)
        # Named as somebody else's, so that no command of ours starts it again when it is gone.
        self.product.environment["DATABASE_URL"] = embedded_postgres.url(self.product.database)
        self.stack.enter_context(self.product)
        self.use_its_database()
        self.studio = Studio(self.product.url)
        return self

    def __exit__(self, *exception) -> None:
        with contextlib.suppress(Exception):
            self.run_database()
        self.stack.close()
        if self.redis:
            self.redis.kill()

    def use_its_database(self) -> None:
        from django.db import connection

        from publishing.factories import ChannelFactory
        from publishing.models import Channel

        connection.close()
        connection.settings_dict["NAME"] = self.product.database
        self.organization = Channel.objects.filter(sandbox=True).first().organization
        self.channels = [
            ChannelFactory(
                organization=self.organization,
                sandbox=False,
                base_url=self.network.url,
                remote_id=f"account{number}",
                credentials={"access_token": f"account{number}"},
            )
            for number in range(8)
        ]

    # One fault

    def go_through(self, name: str, fault: Callable) -> Seen:
        """Lets posts come due, breaks, looks, mends, and waits until everything is right."""
        seen = Seen(name)
        print(f"{name} …", flush=True)
        texts = self.plan(name)
        self.saved, self.answers = [], Counter()
        time.sleep(2.0)
        with fault() as look:
            began = time.monotonic()
            seen.studio = self.studio.open()
            while time.monotonic() - began < SECONDS:
                if (draft := self.studio.save(f"{name} {len(self.saved)}", self.answers)) is not None:
                    self.saved.append(draft)
                time.sleep(0.5)
            seen.doctor, seen.more = self.ask_doctor(look.subject), look.also()
        mended = time.monotonic()
        self.wait(lambda: self.all_out(texts) and self.studio.is_ready(), seconds=PATIENCE)
        seen.seconds = time.monotonic() - mended
        seen.saving = ", ".join(f"{answer} × {times}" for answer, times in self.answers.most_common())
        taken = Counter(self.network.server.texts)
        seen.lost = sum(text not in taken for text in texts)
        seen.twice = sum(taken[text] > 1 for text in texts)
        seen.drafts_lost = len(set(self.saved) - self.drafts())
        print(f"  {seen}", flush=True)
        return seen

    def plan(self, name: str) -> list[str]:
        from django.utils import timezone

        from publishing.factories import DeliveryFactory
        from publishing.models import Delivery

        start = timezone.now() + timedelta(seconds=1)
        texts = [f"{name} {number}" for number in range(POSTS)]
        Delivery.objects.bulk_create(
            DeliveryFactory.build(
                channel=self.channels[number % len(self.channels)],
                organization=self.organization,
                text=text,
                due_at=start + timedelta(seconds=SECONDS * number / POSTS),
            )
            for number, text in enumerate(texts)
        )
        return texts

    def all_out(self, texts: list[str]) -> bool:
        from django.db import Error, connection

        from publishing.models import Delivery

        try:
            of_these = Delivery.objects.filter(message__segments__0__text__in=texts)
            return of_these.filter(state="published").count() == len(texts)
        except Error:
            connection.close()
            return False

    def drafts(self) -> set[str]:
        from content_studio.models import SocialPost

        return {str(each) for each in SocialPost.objects.values_list("uuid", flat=True)}

    def ask_doctor(self, subject: str) -> str:
        """What the doctor says of `subject`, with what to do."""
        command = [sys.executable, "-W", "ignore", "manage.py", "doctor", "--json"]
        done = subprocess.run(command, env=self.product.environment, capture_output=True, text=True, check=False)
        try:
            (finding,) = [each for each in json.loads(done.stdout) if each["subject"] == subject]
        except ValueError:
            return f"the doctor himself fell ill: {done.stderr.strip().splitlines()[-1:]}"
        if finding["verdict"] in ("ok", "unused"):
            return f"{subject}: sees nothing"
        return f"{subject} {finding['what'].splitlines()[0]} → {finding['remedy']}"

    @staticmethod
    def wait(condition, *, seconds: float) -> bool:
        give_up = time.monotonic() + seconds
        while not (done := condition()) and time.monotonic() < give_up:
            time.sleep(0.3)
        return done

    # What is broken, and mended when the block ends

    @contextlib.contextmanager
    def database_restarts(self):
        from cms import embedded_postgres

        timer = threading.Timer(2.0, embedded_postgres.restart, kwargs={"crash": True})
        timer.start()
        yield Look("Database", lambda: "(asked when it was back)")
        timer.join()

    @contextlib.contextmanager
    def database_gone(self):
        from cms import embedded_postgres

        embedded_postgres._run(
            "pg_ctl", "stop", "-D", str(embedded_postgres.directory()), "-m", "immediate", "-w", "-t", "30"
        )
        yield Look("Database")
        self.run_database()

    @staticmethod
    def run_database() -> None:
        """As whoever looks after services does with one that has ended."""
        from cms import embedded_postgres

        for _try in range(30):
            if embedded_postgres.is_running():
                return
            with contextlib.suppress(embedded_postgres.EmbeddedPostgresError):
                embedded_postgres._start()
            time.sleep(1.0)

    def start_redis(self, port: int = 0) -> int:
        if not port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        command = ["redis-server", "--port", str(port), "--save", ""]
        self.redis = subprocess.Popen(command, cwd=self.home, stdout=subprocess.DEVNULL)
        self.redis_port = port
        return port

    @contextlib.contextmanager
    def redis_gone(self):
        self.redis.send_signal(signal.SIGKILL)
        self.redis.wait()
        yield Look("Redis")
        self.start_redis(self.redis_port)

    @contextlib.contextmanager
    def away(self, service: "Away", subject: str):
        service.stop()
        yield Look(subject)
        service.start()

    @contextlib.contextmanager
    def provider_hangs(self):
        self.provider.delay = 60.0
        yield Look("OpenAI", lambda: f"Writing with AI: {self.studio.generate()}")
        self.provider.delay = 0.0

    @contextlib.contextmanager
    def network_garbage(self):
        self.network.is_careless = True
        yield Look("Networks", lambda: f"{self.network.garbage} answers were garbage.")
        self.network.is_careless = False

    @contextlib.contextmanager
    def full(self, place: Path, subject: str, *, upload: bool = False):
        filler = place / "filler"
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        yield Look(subject, lambda: f"A picture: {self.studio.upload()}." if upload else "")
        filler.unlink()
        self.run_database()


@dataclass
class Look:
    """Where the doctor should see the fault, and what else is to be looked at while it lasts."""

    subject: str
    also: Callable[[], str] = lambda: ""


class Studio:
    """A person with a browser and a tool with a token, both Owner of the demo organization."""

    def __init__(self, url: str):
        import requests

        from cms.tests.product import PASSWORD

        self.url, self.browser, self.tool = url, requests.Session(), requests.Session()
        who = {"email": "owner@demo.test", "password": PASSWORD}
        page = self.browser.get(f"{url}/accounts/login/")
        form = {"login": who["email"], "password": who["password"], "csrfmiddlewaretoken": self._token(page.text)}
        self.browser.post(f"{url}/accounts/login/", data=form, headers={"Referer": url})
        self.who = who
        self.sign_in()

    def sign_in(self) -> None:
        access = self.tool.post(f"{self.url}/api/v1/auth/token/", json=self.who, timeout=30).json()["access"]
        self.tool.headers["Authorization"] = f"Bearer {access}"

    @staticmethod
    def _token(page: str) -> str:
        return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    def open(self) -> str:
        return self._said(lambda: self.browser.get(f"{self.url}/admin/", timeout=30, allow_redirects=False))

    def save(self, text: str, answers: Counter) -> str | None:
        """Saves a draft; its id where the answer says that it is kept."""
        try:
            answer = self.tool.post(f"{self.url}/api/v1/posts/", json={"segments": [{"text": text}]}, timeout=30)
        except OSError as err:
            answers[type(err).__name__] += 1
            return None
        said = answer.json()
        answers[str(answer.status_code) if answer.ok else f"{answer.status_code} “{said['title']}”"] += 1
        return said["id"] if answer.ok else None

    def generate(self) -> str:
        brief = {"platform": "mastodon", "tone": "casual", "prompt": "Open day", "ai_provider": "openai"}
        return self._said(lambda: self.tool.post(f"{self.url}/api/v1/content/generate/", json=brief, timeout=60))

    def upload(self) -> str:
        from wagtail.images.tests.utils import get_test_image_file

        page = self.browser.get(f"{self.url}/admin/images/add/", timeout=30).text
        collection = page.partition('name="collection"')[2].partition('value="')[2].partition('"')[0]
        form = {"title": "Kettle", "csrfmiddlewaretoken": self._token(page), "collection": collection}
        big = get_test_image_file(size=(40, 30)).file.getvalue()
        big += b"\0" * (3 * 2**20)  # so large that it goes through a temporary file
        files = {"file": ("kettle.png", big, "image/png")}
        return self._said(
            lambda: self.browser.post(
                f"{self.url}/admin/images/add/", data=form, files=files, headers={"Referer": self.url}, timeout=30
            )
        )

    def _said(self, ask) -> str:
        began = time.monotonic()
        try:
            answer = ask()
        except OSError as err:
            return type(err).__name__
        seconds = time.monotonic() - began
        title = answer.json().get("title", "") if "json" in answer.headers.get("Content-Type", "") else (
            answer.text.partition("<title>")[2].partition("</title>")[0].partition(" · ")[0] if not answer.ok else ""
        )  # fmt: skip
        return f"{answer.status_code} in {seconds:.1f} s{f' “{title}”' if title else ''}"

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False


class Careless:
    """A network that takes posts; while it is careless, it takes every second one and answers with garbage."""

    def __init__(self, server):
        self.server, self.url, self.take = server, server.url, server.post
        self.is_careless, self.garbage, self.asked = False, 0, 0
        server.routes["POST /api/v1/statuses"] = self.post

    def post(self, request):
        if not self.is_careless:
            return self.take(request)
        self.garbage += 1
        self.asked += 1
        if self.asked % 2:
            self.take(request)
        return (200, b"\x00\xff<html>\xed\xa0\x80") if self.asked % 3 else (500, b"{")


class Away:
    """A service on loopback that can be stopped and started again at the same port, and made slow."""

    def __init__(self, kind):
        self.kind, self.port, self.delay = kind, 0, 0.0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = self.kind(self)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Mail(socketserver.ThreadingTCPServer):
    """A mail server that takes everything."""

    allow_reuse_address = daemon_threads = True

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    while self.rfile.readline() not in (b".\r\n", b""):
                        pass
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

    def __init__(self, away: Away):
        super().__init__(("127.0.0.1", away.port), self.Talk)


class Http(ThreadingHTTPServer):
    """Answers every question with an empty object, after `delay` seconds."""

    daemon_threads = True

    def __init__(self, away: Away):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                time.sleep(away.delay)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_GET

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", away.port), Handler)


if __name__ == "__main__":
    sys.exit(main())
