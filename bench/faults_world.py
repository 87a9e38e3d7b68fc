"""The product with everything it stands on, each on a place of its own that can be taken away.

The database, its log, the media and the temporary files each get a small disk (as root), so that each can be full
while the others have room.
"""

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from .faults_people import Studio
from .faults_services import Away, Careless, Http, Mail, Redis

LEASE = 6  # seconds; shorter than in production, so that what died is taken up sooner
CHANNELS = 8
DISKS = {"database": "900m", "log": "256m", "media": "24m", "tmp": "24m"}
LOG_KEEPS = "96MB"  # of PostgreSQL's log, so that it fits on its disk


class World:
    """`with World(home) as world:` the product answers, and `world.organization` has channels on a network of ours."""

    def __init__(self, home: Path):
        self.home, self.stack = home, contextlib.ExitStack()
        self.database, self.log, self.media, self.temporary = (home / name for name in DISKS)
        self.has_disks = os.geteuid() == 0
        self.redis: Redis | None = None

    def __enter__(self) -> "World":
        for name, size in DISKS.items():
            self._make_disk(self.home / name, size)
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
        self._move_log()
        import django

        django.setup()
        baseline.test_template()
        self._start_product()
        self._fill()
        self.studio = Studio(self.product.url)
        return self

    def __exit__(self, *exception) -> None:
        with contextlib.suppress(Exception):
            self.run_database()
        self.stack.close()
        if self.redis:
            self.redis.stop()

    def _make_disk(self, place: Path, size: str) -> None:
        place.mkdir()
        if self.has_disks:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", place], check=True)
            self.stack.callback(subprocess.run, ["umount", "-l", place], check=False)

    def _move_log(self) -> None:
        """PostgreSQL's log gets the disk that is made for it, as on a server where that is a faster one."""
        from cms import embedded_postgres

        embedded_postgres.sql(f"ALTER SYSTEM SET max_wal_size = '{LOG_KEEPS}'")
        embedded_postgres.stop()
        place = self.database / "postgres" / "pg_wal"
        owner = place.stat()
        shutil.move(place, self.log / "pg_wal")
        for path in [self.log / "pg_wal", *(self.log / "pg_wal").rglob("*")]:
            os.chown(path, owner.st_uid, owner.st_gid)
        place.symlink_to(self.log / "pg_wal")
        self.run_database()

    def _start_product(self) -> None:
        from cms import embedded_postgres
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
            self.redis = Redis(self.home)
            environment["REDIS_URL"] = self.redis.url
        self.product = Product(**environment)
        # Named as somebody else's, so that no command of ours starts it again when it is gone.
        self.product.environment["DATABASE_URL"] = embedded_postgres.url(self.product.database)
        self.stack.enter_context(self.product)

    def _fill(self) -> None:
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
            for number in range(CHANNELS)
        ]

    @staticmethod
    def run_database() -> None:
        """As whoever looks after services does with one that has ended."""
        from cms import embedded_postgres

        for _try in range(30):
            if embedded_postgres.is_running():
                return
            with contextlib.suppress(embedded_postgres.EmbeddedPostgresError):
                embedded_postgres.ensure_running()
            time.sleep(1.0)
