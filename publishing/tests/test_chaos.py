"""The small version of `bench/chaos`: a database server of its own, and every kind of fault once."""

import os
import subprocess
import sys

from django.conf import settings


def test_nothing_is_lost_and_nothing_sent_twice_whatever_is_killed():
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.chaos", "--posts", "240", "--short"],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    assert "sent twice: 0, missing: 0, attempts never closed: 0" in result.stdout
    assert "kill worker 1, crash database 1, stop worker 1, kill cluster 1, restart database 1" in result.stdout
