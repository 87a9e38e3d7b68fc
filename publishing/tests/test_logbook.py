"""What people do with channels and with publishing as a whole is in the organization's log, whatever they do it by."""

import pytest

from organizations import audit
from publishing import connecting, suspending
from publishing.factories import ChannelFactory
from publishing.models import PublishingPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(client, acme):
    """What the log says, oldest first: (who, what)."""
    from organizations.access import working_for

    with working_for(acme):
        before = len(audit.entries(acme))
        yield lambda: [(each.person, each.what) for each in reversed(audit.entries(acme))][before:]


def test_channels_from_their_connection_to_their_end(said, acme, adam):
    channel = connecting.add_sandbox_channel(acme, network="mastodon", name="Roastery", user=adam)
    suspending.suspend_channel(channel, user=adam)
    suspending.suspend_channel(channel, user=adam)  # changes nothing
    suspending.resume_channel(channel, user=adam)
    connecting.disconnect_channel(channel, user=adam)
    account = {"network": "bluesky", "remote_id": "1", "name": "Roastery", "credentials": {"access_token": "t0p"}}
    connecting.keep_channel(acme, user=adam, **account)
    assert said() == [
        ("Adam", "Acme: Connected the channel “Roastery” on Mastodon"),
        ("Adam", "Acme: Suspended the channel “Roastery” on Mastodon"),
        ("Adam", "Acme: Resumed the channel “Roastery” on Mastodon"),
        ("Adam", "Acme: Disconnected the channel “Roastery” on Mastodon"),
        ("Adam", "Acme: Connected the channel “Roastery” on Bluesky"),
    ]


def test_the_switch_for_everything(said, acme, adam):
    ChannelFactory(organization=acme)
    suspending.resume_publishing(acme, user=adam)  # went on anyway
    suspending.suspend_publishing(acme, user=adam, reason="The news")
    suspending.suspend_publishing(acme, user=adam, reason="Again")
    suspending.resume_publishing(acme, user=adam)
    assert said() == [
        ("Adam", "Acme: Stopped all publishing. Reason: The news"),
        ("Adam", "Acme: Resumed publishing"),
    ]


def test_the_policy_with_what_changed_in_the_studio_and_by_the_api(said, client, api_of, acme, adam, bob):
    form = {"missed": "hold", "late_hours": 2, "spacing_minutes": 7}
    client.force_login(adam)
    client.post("/admin/publishing/", form)
    client.post("/admin/publishing/", form)  # the same once more
    api_of(adam).patch("/api/v1/publishing/policy/", {"late_hours": 3})
    assert api_of(bob).patch("/api/v1/publishing/policy/", {"late_hours": 4}).status_code == 403
    assert said() == [
        (
            "Adam",
            "Acme: Changed the publishing policy: posts that missed their time: Hold them back, and ask by mail those"
            " who may publish → Hold them back without a mail; minutes between two of them on one channel: 5 → 7",
        ),
        ("Adam", "Acme: Changed the publishing policy: at most this late, in hours: 2 → 3"),
    ]
    assert PublishingPolicy.of(acme).late_hours == 3
