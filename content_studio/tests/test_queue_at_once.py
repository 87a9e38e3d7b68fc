"""People who ask for a slot at the same moment each get another one."""

import datetime
import threading

import pytest
from django.db import connection, transaction

from content_studio import queueing
from content_studio.factories import make_post
from content_studio.models import Workspace
from content_studio.queues import ChannelQueue, QueueSlot
from organizations.models import BasePage, Membership, Organization, Role, User
from publishing.factories import ChannelFactory


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """Posts that other threads see, for a channel with one slot a day; removed afterwards."""
    with django_db_blocker.unblock():
        organization = Organization.objects.create(name="Queue at once", slug="queue-at-once")
        writer = User.objects.create_user("queue-at-once@example.test")
        Membership.objects.create(organization=organization, user=writer, role=Role.MEMBER)
        workspace = Workspace(title="Queue at once", slug="queue-at-once", organization=organization, live=False)
        BasePage.objects.get(depth=1).add_child(instance=workspace)
        channel = ChannelFactory(organization=organization)
        queue = ChannelQueue.objects.create(organization=organization, channel=channel, timezone="UTC")
        QueueSlot.objects.bulk_create([QueueSlot(queue=queue, weekday=day, time=datetime.time(9)) for day in range(7)])
        try:
            yield [make_post(organization, user=writer, channels=[channel], text=text) for text in "ABCD"], writer
        finally:
            with transaction.atomic():
                Workspace.objects.get(pk=workspace.pk).delete()
            writer.delete()
            organization.delete()


def test_people_who_ask_at_the_same_moment_get_different_slots(committed):
    posts, writer = committed
    together, got = threading.Barrier(len(posts)), []

    def take(post):
        try:
            together.wait()
            got.append(queueing.queue_post(post, user=writer).slot.utc)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[post]) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == len(posts)
