"""What years of published posts weigh, and what it takes to be rid of the oldest month.

Fills a database server of its own with posts published over four years, each
with one attempt, and measures: bytes for a row with its indexes, a claim of 100
due posts beside them, an organization's newest page of deliveries, and two ways
to drop the oldest month: DELETE, and detaching a partition of a copy that is
partitioned by the month.
"""

import argparse
import sys
import time
from datetime import timedelta

from bench.chaos import own_database

MONTHS, CHANNELS, ORGANIZATIONS = 48, 400, 100
TEXT = "What we learned about kettles this year, and why it matters for the coffee that you drink tomorrow. " * 3

PUBLISHED = """
INSERT INTO publishing_delivery (id, organization_id, channel_id, post_id, revision_id, message, content_hash, state,
    due_at, local_time, timezone, late_allowed, next_attempt_at, leased_by, attempt_count, look_count, asks_person,
    progress, remote_id, permalink, published_at, failure, failure_kind, news_pending, created_at)
SELECT gen_random_uuid(), (%(organizations)s::uuid[])[1 + (n %% %(channels_count)s) %% %(organizations_count)s],
    (%(channels)s::uuid[])[1 + n %% %(channels_count)s], gen_random_uuid(), n,
    jsonb_build_object('segments', jsonb_build_array(jsonb_build_object('text', %(text)s || n, 'media', '[]'::jsonb))),
    md5(n::text) || md5(n::text), 'published', at, at, 'Europe/Berlin', false, at, '', 1, 0, false, '[]',
    n::text, 'https://social.example/@company/' || n, at, '', '', false, at
FROM generate_series(1, %(rows)s) AS n,
    LATERAL (SELECT now() - (%(rows)s - n) * (%(months)s * interval '30 days' / %(rows)s) AS at) AS moment
"""
ATTEMPTS = """
INSERT INTO publishing_attempt (delivery_id, number, started_at, finished_at, outcome, explanation, exchanges, lateness,
    worker)
SELECT id, 1, due_at, due_at + interval '1 second', 'published', '', '[]', 0.1, 'host-1' FROM publishing_delivery
WHERE state = 'published'
"""

DELETE = """
WITH old AS MATERIALIZED (SELECT id FROM publishing_delivery WHERE due_at < {month} LIMIT 10000),
    tries AS (DELETE FROM publishing_attempt a USING old WHERE a.delivery_id = old.id)
DELETE FROM publishing_delivery d USING old WHERE d.id = old.id
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    asked = parser.parse_args()
    with own_database():
        measure(asked.rows)
    return 0


def measure(rows: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from organizations.models import Organization
    from publishing import claiming
    from publishing.factories import ChannelFactory, DeliveryFactory
    from publishing.models import Delivery

    organizations = [
        Organization.objects.create(name=f"Company {n}", slug=f"company-{n}") for n in range(ORGANIZATIONS)
    ]
    channels = [ChannelFactory(organization=organizations[n % ORGANIZATIONS]) for n in range(CHANNELS)]
    run = Statements(connection)
    run.one(
        PUBLISHED,
        {
            "organizations": [each.pk for each in organizations],
            "organizations_count": ORGANIZATIONS,
            "channels": [each.pk for each in channels],
            "channels_count": CHANNELS,
            "rows": rows,
            "months": MONTHS,
            "text": TEXT,
        },
    )
    run.one(ATTEMPTS)
    run.one("VACUUM ANALYZE publishing_delivery, publishing_attempt, publishing_channel")
    print(f"{rows:,} published posts over {MONTHS} months, one attempt each")
    for table in ("publishing_delivery", "publishing_attempt"):
        heap, indexes = run.row(f"SELECT pg_table_size('{table}'), pg_indexes_size('{table}')")
        whole = (heap + indexes) / 2**30
        print(f"{table}: {heap / rows:.0f} bytes a row, {indexes / rows:.0f} more of indexes; all {whole:.2f} GiB")

    times = []
    for number in range(10):
        for channel in channels[:100]:
            DeliveryFactory(channel=channel)
        now = timezone.now()
        began = time.perf_counter()
        jobs = claiming.claim(worker=f"w{number}", until=now, missed_before=now - timedelta(hours=1), limit=100)
        times.append((time.perf_counter() - began) * 1000)
        Delivery.objects.filter(pk__in=[job.id for job in jobs]).update(
            state="published", lease_expires_at=None, leased_by=""
        )
    print(f"a claim of 100 beside them: median {sorted(times)[5]:.1f} ms")
    began = time.perf_counter()
    list(Delivery.objects.filter(organization=organizations[0]).select_related("channel")[:50])
    print(f"an organization's newest 50: {(time.perf_counter() - began) * 1000:.1f} ms")

    month = f"now() - interval '{(MONTHS - 1) * 30} days'"
    run.one("CREATE TABLE by_month (LIKE publishing_delivery) PARTITION BY RANGE (due_at)")
    run.one("CREATE TABLE oldest (LIKE publishing_delivery)")
    run.one(f"INSERT INTO oldest SELECT * FROM publishing_delivery WHERE due_at < {month}")
    cut = run.row(f"SELECT date_trunc('second', {month}) + interval '1 second'")[0].isoformat()
    run.one(f"ALTER TABLE by_month ATTACH PARTITION oldest FOR VALUES FROM (MINVALUE) TO ('{cut}')")
    took = run.one("ALTER TABLE by_month DETACH PARTITION oldest")
    print(f"the oldest month by detaching its partition: {took * 1000:.0f} ms")
    seconds, gone, count = 0.0, 0, 1
    while count:
        took, count = run.counted(DELETE.format(month=month))
        seconds, gone = seconds + took, gone + count
    print(f"the oldest month by DELETE: {gone:,} posts in {seconds:.1f} s, {gone / seconds:,.0f} a second")


class Statements:
    def __init__(self, connection):
        self.connection = connection

    def one(self, sql, parameters=None) -> float:
        return self.counted(sql, parameters)[0]

    def counted(self, sql, parameters=None) -> tuple[float, int]:
        began = time.perf_counter()
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return time.perf_counter() - began, cursor.rowcount

    def row(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()


if __name__ == "__main__":
    sys.exit(main())
