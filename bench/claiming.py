"""A claim of 100 due posts and a sweep, beside very many that are planned: how long each takes, and by which plan.

And a claim of 100 when as many as `--overdue` are due, as after an outage.

On a database server of its own: bench/claiming [--rows 1000000]
"""

import argparse
import sys
import time
from datetime import timedelta
from statistics import median

from bench.chaos import own_database

ROUNDS, DUE, CHANNELS = 20, 100, 200

PLANNED = """
INSERT INTO publishing_delivery (id, organization_id, channel_id, post_id, revision_id, message, content_hash, state,
    due_at, local_time, timezone, late_allowed, next_attempt_at, leased_by, attempt_count, look_count, asks_person,
    progress, remote_id, permalink, failure, failure_kind, news_pending, created_at)
SELECT gen_random_uuid(), %(organization)s, (%(channels)s::uuid[])[1 + n %% %(count)s], gen_random_uuid(), n,
    '{"segments": []}', '', 'scheduled', now() + n * interval '20 seconds', now(), 'UTC', false,
    now() + n * interval '20 seconds', '', 0, 0, false, '[]', '', '', '', '', false, now()
FROM generate_series(100, 100 + %(rows)s) AS n
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--overdue", type=int, default=20_000)
    asked = parser.parse_args()
    with own_database():
        return measure(asked.rows, asked.overdue)


def measure(rows: int, overdue: int) -> int:
    from django.db import connection
    from django.utils import timezone

    from organizations.models import Organization
    from publishing import claiming, leasing, recording
    from publishing.factories import ChannelFactory, DeliveryFactory
    from publishing.jobs import Record

    organization = Organization.objects.create(name="Large", slug="large")
    channels = [ChannelFactory(organization=organization) for _number in range(CHANNELS)]
    with connection.cursor() as cursor:
        cursor.execute(
            PLANNED,
            {
                "organization": organization.pk,
                "channels": [channel.pk for channel in channels],
                "count": CHANNELS,
                "rows": rows,
            },
        )
        cursor.execute("VACUUM ANALYZE publishing_delivery, publishing_channel")
    claims, sweeps = [], []
    for number in range(ROUNDS):
        for channel in channels[:DUE]:
            DeliveryFactory(channel=channel)
        now, worker = timezone.now(), f"worker-{number}"
        began = time.perf_counter()
        jobs = claiming.claim(worker=worker, until=now, missed_before=now - timedelta(hours=1), limit=DUE)
        claimed = time.perf_counter()
        leasing.Sweeper().sweep()
        swept = time.perf_counter()
        if len(jobs) != DUE:
            raise SystemExit(f"only {len(jobs)} of {DUE} were claimed")
        claims.append((claimed - began) * 1000)
        sweeps.append((swept - claimed) * 1000)
        claiming.begin(jobs, worker=worker, until=now)
        recording.record(
            [Record(job, state="published", outcome="published", finished_at=now) for job in jobs],
            worker=worker,
        )
    print(f"beside {rows:,} planned posts, {ROUNDS} rounds of {DUE} due ones")
    for name, times in (("claim", claims), ("sweep", sweeps)):
        print(f"{name}: median {median(times):.1f} ms, worst {max(times):.1f} ms")
    times = []
    for _number in range(ROUNDS):
        began = time.perf_counter()
        claiming.claim(
            worker="late",
            until=now + timedelta(seconds=20 * overdue),
            missed_before=now - timedelta(hours=1),
            limit=DUE,
        )
        times.append((time.perf_counter() - began) * 1000)
    print(f"claim of {DUE} of {overdue:,} overdue ones: median {median(times):.1f} ms, worst {max(times):.1f} ms")
    with connection.cursor() as cursor:
        asked = {"until": now, "missed_before": now, "given_up_before": now, "worker": "w", "limit": DUE, "lease": 20}
        cursor.execute("EXPLAIN " + claiming._CLAIM, asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    print(plan)
    return 1 if "Seq Scan on publishing_delivery" in plan else 0


if __name__ == "__main__":
    sys.exit(main())
