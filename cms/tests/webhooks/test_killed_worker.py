"""A worker that is killed while it tells an endpoint: the message is sent again, with the same id."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from organizations.models import Organization
from publishing.models import Worker
from publishing.tests.loopback import Loopback
from publishing.tests.workers import Cluster
from webhooks.announcing import announce
from webhooks.delivering import deliver_due
from webhooks.models import Endpoint, Telling


@pytest.fixture
def acme(django_db_setup, django_db_blocker):
    """An organization that is really committed, so that other processes see it; and gone again afterwards."""
    with django_db_blocker.unblock():
        organization = Organization.objects.create(name="Acme", slug=f"acme-{time.time_ns()}")
        yield organization
        organization.delete()
        Worker.objects.all().delete()
        connection.close()


def wait_for(condition, *, seconds=40):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_what_a_killed_worker_was_sending_arrives_again(acme):
    receiver = Loopback({"POST /hook": (200, b"")})
    receiver.delay = 5
    Endpoint.objects.create(organization=acme, url=f"{receiver.url}/hook", event_types=["post.published"])
    cluster = Cluster(workers=1)
    try:
        announce(acme.pk, "post.published", post={})
        wait_for(lambda: receiver.record)
        cluster.kill()
        assert Telling.objects.get().state == "waiting"

        receiver.delay = 0
        assert deliver_due() == 0, "the dead worker's lease still holds"
        Telling.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        assert deliver_due() == 1

        assert Telling.objects.get().state == "delivered"
        assert len({call.headers["webhook-id"] for call in receiver.record}) == 1
        assert len(receiver.record) == 2
    finally:
        cluster.stop()
        receiver.close()
