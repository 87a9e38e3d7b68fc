"""Channels and scheduled posts stop at the plan's limit; what is scheduled already goes out."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from billing import read_only
from billing.limits import Limit, LimitReached
from billing.plans import FREE
from publishing.messages import Message, Segment
from publishing.models import Channel, Network
from publishing.scheduling import schedule_deliveries

HELLO = Message(segments=(Segment(text="Hello"),))


@pytest.fixture
def channels(acme):
    """One channel more than Free has room for."""
    return [
        Channel.objects.create(organization=acme, network=Network.X, sandbox=True, name=f"Channel {number}")
        for number in range(FREE.channels + 1)
    ]


def schedule(organization, channel, user, post_id=None, revision_id=1):
    return schedule_deliveries(
        organization=organization,
        post_id=post_id or uuid.uuid4(),
        revision_id=revision_id,
        messages={channel: HELLO},
        local_time=datetime.now(UTC).replace(tzinfo=None) + timedelta(days=2),
        timezone="UTC",
        user=user,
    )


def test_the_newest_channel_is_read_only_until_the_owner_chooses_otherwise(acme, alice, channels):
    assert schedule(acme, channels[0], alice)
    with pytest.raises(LimitReached, match="Channel 6 can be read but not used: the Free plan has room for 6"):
        schedule(acme, channels[-1], alice, revision_id=2)
    read_only.keep(acme, Limit.CHANNELS, [str(each.pk) for each in channels[1:]], user=alice)
    assert schedule(acme, channels[-1], alice, revision_id=2)
    with pytest.raises(LimitReached, match="Channel 0"):
        schedule(acme, channels[0], alice, revision_id=3)


def test_no_more_posts_wait_than_the_plan_has_room_for(acme, alice, channels):
    posts = [uuid.uuid4() for _ in range(FREE.scheduled_posts)]
    for number, post_id in enumerate(posts):
        schedule(acme, channels[0], alice, post_id=post_id, revision_id=100 + number)
    with pytest.raises(LimitReached, match="The Free plan has room for 30 scheduled posts, and 30 are waiting"):
        schedule(acme, channels[0], alice, revision_id=500)
    # a later revision of one that waits takes no further room
    assert schedule(acme, channels[0], alice, post_id=posts[0], revision_id=501)
