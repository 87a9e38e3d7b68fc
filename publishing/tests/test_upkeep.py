"""Authorizations: renewed ahead, told of before they end, and never lost by mistake."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from publishing import checks, connecting, upkeep
from publishing.adapters import adapter_for
from publishing.adapters.linkedin_version import version_problem
from publishing.connecting import keep_channel
from publishing.delivering import deliver_due
from publishing.errors import ReconnectNeeded, TryLater
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Channel, Delivery
from publishing.tests.loopback import Loopback

pytestmark = pytest.mark.django_db
PERSON = "urn:li:person:1"
TOKEN = "POST /oauth/v2/accessToken"


@pytest.fixture
def server(settings):
    server = Loopback({TOKEN: (200, "linkedin/token.json")})
    settings.LINKEDIN_API_BASE = settings.LINKEDIN_AUTH_BASE = settings.X_API_BASE = server.url
    yield server
    server.close()


def linkedin(organization, *, days, **credentials):
    return ChannelFactory(
        organization=organization,
        network="linkedin",
        sandbox=False,
        name="Acme",
        remote_id=PERSON,
        credentials={"access_token": "old-access", **credentials},
        scopes=["openid", "profile", "w_member_social"],
        token_expires_at=timezone.now() + timedelta(days=days, minutes=5),
    )


def days_later(channel, days):
    channel.token_expires_at -= timedelta(days=days)
    channel.save()


def test_people_who_manage_channels_are_told_14_7_and_1_days_before_the_end_once_each(
    acme, alice, adam, bob, vera, mailoutbox
):
    channel = linkedin(acme, days=20)
    told = []
    for _day in range(21):
        upkeep.keep_authorized()
        upkeep.keep_authorized()
        if mailoutbox:
            told.append((round((channel.token_expires_at - timezone.now()).total_seconds() / 86400), len(mailoutbox)))
            assert {letter.to[0] for letter in mailoutbox} == {alice.email, adam.email}
            mailoutbox.clear()
        days_later(channel, 1)
    assert [day for day, _letters in told] == [13, 6, 0]
    assert {letters for _day, letters in told} == {2}


@pytest.mark.parametrize("lost", ["tell_of_channel", "mails.send"])
def test_a_warning_that_could_not_be_given_is_given_by_the_next_round(acme, alice, mailoutbox, monkeypatch, lost):
    linkedin(acme, days=0)
    with monkeypatch.context() as broken:
        broken.setattr(f"publishing.upkeep.{lost}", lambda *args, **more: 1 / 0)
        assert upkeep.keep_authorized() == 0
    assert upkeep.keep_authorized() == 1
    assert {letter.to[0] for letter in mailoutbox} == {alice.email}


def test_a_withdrawn_authorization_that_nobody_could_be_told_of_is_told_by_the_next_round(
    acme, alice, server, mailoutbox, monkeypatch
):
    channel = linkedin(acme, days=5, refresh_token="old-refresh")
    server.routes[TOKEN] = (400, "linkedin/token_invalid.json")
    with monkeypatch.context() as broken:
        broken.setattr("publishing.upkeep.mails.send", lambda *args, **more: 1 / 0)
        upkeep.keep_authorized()
    channel.refresh_from_db()
    assert channel.state == Channel.State.CONNECTED
    upkeep.keep_authorized()
    channel.refresh_from_db()
    assert (channel.state, len(mailoutbox)) == (Channel.State.RECONNECT, 1)


def test_after_connecting_again_the_new_end_is_told_in_its_time(acme, alice, mailoutbox):
    linkedin(acme, days=5)
    upkeep.keep_authorized()
    keep_channel(
        acme,
        network="linkedin",
        remote_id=PERSON,
        credentials={"access_token": "new"},
        token_expires_at=timezone.now() + timedelta(days=5),
        user=alice,
    )
    mailoutbox.clear()
    upkeep.keep_authorized()
    assert len(mailoutbox) == 1


def test_what_can_be_renewed_is_renewed_ahead_and_nobody_is_bothered(acme, server, mailoutbox):
    channel = linkedin(acme, days=5, refresh_token="old-refresh")
    upkeep.keep_authorized()
    channel.refresh_from_db()
    assert channel.credentials["access_token"] == "new-access"
    assert channel.token_expires_at > timezone.now() + timedelta(days=59)
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("answer", "state", "letters"),
    [
        ((400, "linkedin/token_invalid.json"), Channel.State.RECONNECT, 1),
        ((500, {}), Channel.State.CONNECTED, 0),
        ((403, {"error": "blocked by a firewall"}), Channel.State.CONNECTED, 0),
        ((401, {"error": "invalid_client"}), Channel.State.CONNECTED, 0),
        ((200, {"access_token": ""}), Channel.State.CONNECTED, 0),
        (Loopback.SILENCE, Channel.State.CONNECTED, 0),
    ],
)
def test_only_a_withdrawn_authorization_disconnects(acme, alice, server, mailoutbox, answer, state, letters):
    channel = linkedin(acme, days=5, refresh_token="old-refresh")
    server.routes[TOKEN] = answer
    upkeep.keep_authorized()
    channel.refresh_from_db()
    assert (channel.state, len(mailoutbox)) == (state, letters)
    assert channel.credentials["refresh_token"] == "old-refresh"


def test_a_channel_that_renews_itself_never_warns(acme):
    channel = ChannelFactory(
        organization=acme,
        network="x",
        sandbox=False,
        credentials={"access_token": "a", "refresh_token": "r"},
        token_expires_at=timezone.now() + timedelta(hours=2),
    )
    assert upkeep.ending_of(channel) is None
    channel.credentials = {"access_token": "a"}
    assert "less than a day" in str(upkeep.ending_of(channel))


def test_a_passing_trouble_while_sending_disconnects_nothing(acme, server):
    channel = linkedin(acme, days=30, refresh_token="r")
    server.routes |= {"POST /rest/posts": (401, "linkedin/revoked.json"), TOKEN: (503, {})}
    delivery = DeliveryFactory(channel=channel)
    deliver_due()
    channel.refresh_from_db()
    delivery.refresh_from_db()
    assert (channel.state, delivery.state) == (Channel.State.CONNECTED, Delivery.State.RETRYING)


@pytest.mark.parametrize(("status", "error"), [(401, ReconnectNeeded), (403, TryLater), (413, TryLater)])
def test_bluesky_asks_for_a_new_password_only_where_the_old_one_is_refused(server, acme, status, error):
    channel = ChannelFactory(
        organization=acme,
        network="bluesky",
        sandbox=False,
        base_url=server.url,
        remote_id="did:plc:acme",
        credentials={"app_password": "p"},
    )
    server.routes["POST /xrpc/com.atproto.server.createSession"] = (status, "bluesky/wrong_password.json")
    from publishing.messages import Message, Segment

    with pytest.raises(error):
        adapter_for(channel).publish(Message(segments=(Segment(text="Hi"),)), idempotency_key="k")


# Disconnecting


def test_disconnecting_takes_the_token_back_at_the_network(acme, alice, server):
    channel = linkedin(acme, days=30)
    server.routes["POST /oauth/v2/revoke"] = (200, {})
    assert connecting.disconnect_channel(channel, user=alice) is True
    assert server.record[0].form["token"] == "old-access"
    channel.refresh_from_db()
    assert (channel.credentials, channel.state) == ({}, Channel.State.DISCONNECTED)


def test_a_token_that_another_channel_lives_by_is_not_taken_back(acme, alice, server):
    channel = linkedin(acme, days=30)
    ChannelFactory(
        organization=acme,
        network="linkedin",
        sandbox=False,
        remote_id="urn:li:person:2",
        credentials={"access_token": "old-access"},
    )
    assert connecting.disconnect_channel(channel, user=alice) is False
    assert server.record == []


def test_a_network_that_does_not_answer_keeps_nobody_connected(acme, alice, server):
    channel = linkedin(acme, days=30)
    server.routes["POST /oauth/v2/revoke"] = Loopback.SILENCE
    assert connecting.disconnect_channel(channel, user=alice) is False
    channel.refresh_from_db()
    assert channel.state == Channel.State.DISCONNECTED


# What is shown


def test_the_channels_page_says_what_ends_and_what_is_not_allowed(client, alice, acme):
    channel = linkedin(acme, days=5)
    channel.scopes = ["openid", "profile"]
    channel.save()
    client.force_login(alice)
    page = client.get(reverse("channel", args=[channel.pk])).content.decode()
    assert "The authorization ends in 5 days" in page
    assert "has not allowed w_member_social" in page
    assert "Channels to connect again soon" in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize(
    ("months", "words"), [(0, ""), (-11, "may no longer answer"), (-13, "ended on"), (None, "no month")]
)
def test_the_end_of_linkedins_version_is_told_two_months_ahead(settings, months, words):
    today = timezone.now().date()
    if months is None:
        settings.LINKEDIN_VERSION = "latest"
    else:
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        settings.LINKEDIN_VERSION = f"{year}{month + 1:02}"
    assert words in version_problem()
    assert bool(version_problem()) == bool(words)
    settings.LINKEDIN_CLIENT_ID = "client"
    assert [found.id for found in checks.check_linkedin_version(None)] == (["publishing.W001"] if words else [])


def test_the_settings_as_they_come_are_in_order(settings):
    call_command("check", "--tag", "publishing")
    assert version_problem() == ""
