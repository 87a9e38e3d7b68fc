from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from publishing import claiming, leasing, operations
from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import NetworkPause, PublishingPolicy, Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme)


@pytest.fixture
def worker():
    now = timezone.now()
    return Worker.objects.create(name="here-1-1", started_at=now, seen_at=now)


def test_healthz_answers_without_asking_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_readyz_is_green_with_a_worker_and_nothing_overdue(client, worker, channel):
    DeliveryFactory(channel=channel, due_at=timezone.now() + timedelta(hours=1))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": []})


def test_readyz_turns_red_when_no_worker_is_alive(client, worker):
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "No worker is alive" in answer.json()["problems"][0]


def test_readyz_turns_red_when_something_has_been_due_for_long(client, worker, channel):
    DeliveryFactory(channel=channel, due_at=timezone.now() - timedelta(minutes=5))
    assert client.get("/readyz").status_code == 503
    channel.state = "suspended"
    channel.save()
    assert client.get("/readyz").status_code == 200, "what is suspended on purpose is no alarm"


def test_metrics_are_there_only_for_whoever_knows_the_token(client, settings, channel, worker):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "letmein"
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    DeliveryFactory(channel=channel)
    deliver_due()
    text = client.get("/metrics", headers={"authorization": "Bearer letmein"}).content.decode()
    assert "publishing_published_last_hour 1.0" in text
    assert "publishing_workers 1.0" in text


def test_the_figures_of_one_organization_know_nothing_of_another(channel, globex):
    DeliveryFactory(channel=ChannelFactory(organization=globex))
    deliver_due()
    assert operations.figures(channel.organization).published_day == 0
    assert operations.figures().published_day == 1


def test_operators_see_the_deliveries_of_all(client, admin_client, alice, channel, globex, worker):
    client.force_login(alice)
    assert client.get(reverse("publishing_operators")).status_code == 302, "an Owner is no operator"
    theirs = ChannelFactory(organization=globex, name="Globex on X", paused_until=timezone.now() + timedelta(hours=1))
    DeliveryFactory(channel=channel)
    deliver_due()
    DeliveryFactory(channel=theirs, state="failed", failure_kind="rejected", text="What Globex wrote")
    NetworkPause.objects.create(host="mastodon down.example", until=timezone.now() + timedelta(hours=1), reason="503")
    Worker.objects.update(in_flight=7)
    page = admin_client.get(reverse("publishing_operators")).content.decode()
    for seen in ("here-1-1", "with 7 calls under way", "Mastodon: refused by the network", "mastodon down.example"):
        assert seen in page, seen
    assert "Globex on X" in page
    assert "What Globex wrote" not in page, "figures, not what people write"
    assert "Published in the last hour</dt><dd>1</dd>" in page


def test_the_publishing_page_stops_everything_and_starts_it_again(client, alice, acme, channel):
    client.force_login(alice)
    assert client.get(reverse("publishing")).status_code == 200
    client.post(reverse("publishing_suspend_all"), {"reason": "Wrong picture"})
    assert "Wrong picture" in client.get(reverse("publishing")).content.decode()
    DeliveryFactory(channel=channel)
    assert deliver_due() == 0
    client.post(reverse("publishing_resume_all"), {"missed": "send"})
    assert deliver_due() == 1


def test_a_viewer_cannot_stop_publishing_nor_change_the_policy(client, vera, acme):
    client.force_login(vera)
    client.post(reverse("publishing_suspend_all"))
    client.post(reverse("publishing"), {"missed": "send_late", "late_hours": 1, "spacing_minutes": 1})
    assert not PublishingPolicy.objects.exists()


def test_the_right_people_are_written_to_once_about_the_same_trouble(channel, alice, adam, bob, vera, mailoutbox):
    channel.options = {"sandbox": {"behaviour": "refuses"}}
    channel.save()
    for _post in range(3):
        DeliveryFactory(channel=channel, text="Our launch", created_by=bob)
    deliver_due()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([alice.email, adam.email, bob.email])
    assert "Our launch" in mailoutbox[0].subject
    assert "/admin/deliveries/" in mailoutbox[0].body


def test_nobody_is_written_to_about_what_is_tried_again_by_itself(channel, alice, mailoutbox):
    channel.options = {"sandbox": {"behaviour": "unavailable"}}
    channel.save()
    DeliveryFactory(channel=channel)
    deliver_due()
    assert mailoutbox == []


def test_with_a_hundred_thousand_planned_posts_the_claim_stays_fast_and_reads_no_whole_table(channel):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO publishing_delivery (id, organization_id, channel_id, post_id, revision_id, message,
                content_hash, state, due_at, local_time, timezone, late_allowed, next_attempt_at, leased_by,
                attempt_count, look_count, asks_person, progress, remote_id, permalink, failure, failure_kind,
                news_pending, created_at)
            SELECT gen_random_uuid(), %s, %s, gen_random_uuid(), n, '{"segments": []}', '', 'scheduled',
                now() + n * interval '1 minute', now(), 'UTC', false, now() + n * interval '1 minute', '',
                0, 0, false, '[]', '', '', '', '', false, now()
            FROM generate_series(1, 100000) AS n
            """,
            [channel.organization_id, channel.pk],
        )
        cursor.execute("ANALYZE publishing_delivery")
    DeliveryFactory.create_batch(20, channel=channel)
    now = timezone.now()
    times = []
    for number in range(6):
        start = timezone.now()
        claiming.claim(worker=f"w{number}", until=now, missed_before=now - timedelta(hours=1), limit=100)
        leasing.Sweeper().sweep()
        times.append((timezone.now() - start).total_seconds())
    assert sorted(times)[len(times) // 2] < 0.020, times

    def claim_of_all():
        """As after an outage: all of them are due, and each claim takes a hundred."""
        start, much_later = timezone.now(), now + timedelta(days=100)
        jobs = claiming.claim(worker="w0", until=much_later, missed_before=now - timedelta(hours=1), limit=100)
        assert len(jobs) == 100
        return (timezone.now() - start).total_seconds()

    assert min(claim_of_all() for _time in range(5)) < 0.020, "else it puts all that is due in order"
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN " + claiming._CLAIM,
            {
                "until": now,
                "missed_before": now,
                "given_up_before": now,
                "worker": "w",
                "limit": 100,
                "lease": 20,
            },
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on publishing_delivery" not in plan, plan
