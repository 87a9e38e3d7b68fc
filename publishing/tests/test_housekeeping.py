"""What the engine forgets by itself, and what it keeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing import housekeeping
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Attempt, Delivery

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme)


def tried(channel, state, *, days):
    delivery = DeliveryFactory(channel=channel, state=state)
    return Attempt.objects.create(
        delivery=delivery,
        number=1,
        started_at=timezone.now() - timedelta(days=days),
        outcome="published",
        exchanges=[{"method": "POST"}],
    )


def test_old_attempts_of_finished_deliveries_go_and_the_deliveries_stay(channel, settings):
    settings.PUBLISHING_KEEP_ATTEMPTS_DAYS = 400
    old = [tried(channel, state, days=401) for state in Delivery.FINAL]
    on_its_way = [tried(channel, state, days=401) for state in (State.UNKNOWN, State.RETRYING, State.HELD)]
    young = tried(channel, State.PUBLISHED, days=399)
    assert housekeeping.forget_attempts(batch=2) == len(old), "also where they are more than a batch"
    assert set(Attempt.objects.all()) == {*on_its_way, young}
    assert Delivery.objects.count() == 7


def test_attempts_are_kept_for_ever_where_that_is_asked_for(channel, settings):
    settings.PUBLISHING_KEEP_ATTEMPTS_DAYS = 0
    attempt = tried(channel, State.PUBLISHED, days=4000)
    housekeeping.tidy()
    assert Attempt.objects.get() == attempt


def test_the_daily_task_forgets_bodies_after_ninety_days_and_attempts_after_four_hundred(channel):
    tried(channel, State.PUBLISHED, days=401)
    middle, young = tried(channel, State.PUBLISHED, days=91), tried(channel, State.PUBLISHED, days=89)
    assert housekeeping.tidy() == 2
    assert dict(Attempt.objects.values_list("pk", "exchanges")) == {middle.pk: [], young.pk: young.exchanges}
