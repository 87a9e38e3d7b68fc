"""Secrets are opened for whoever asks for them, and for nobody else."""

import pytest
from cryptography.fernet import Fernet

from publishing.connecting import disconnect_channel, keep_channel
from publishing.factories import ChannelFactory
from publishing.models import Channel
from publishing.secrets import SecretUnreadable

pytestmark = pytest.mark.django_db


def test_a_list_of_channels_opens_no_token(acme, settings):
    ChannelFactory(organization=acme, name="Roastery", credentials={"access_token": "t0p"})
    key, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    (channel,) = Channel.objects.all()
    assert channel.name == "Roastery"
    with pytest.raises(SecretUnreadable, match="Put the key that wrote it back"):
        _ = channel.credentials
    settings.ENCRYPTION_KEYS = key
    assert channel.credentials == {"access_token": "t0p"}


def test_a_token_that_is_changed_is_saved_and_one_that_is_not_read_stays(acme):
    ChannelFactory(organization=acme, credentials={"access_token": "first"})
    channel = Channel.objects.get()
    channel.name = "Renamed"
    channel.save()
    assert Channel.objects.get().credentials == {"access_token": "first"}
    channel = Channel.objects.defer("credentials").get()
    channel.credentials["access_token"] = "second"
    channel.save()
    assert Channel.objects.get().credentials == {"access_token": "second"}


def test_with_the_key_lost_a_channel_can_be_taken_off_and_connected_anew(acme, alice, settings):
    account = {"network": "bluesky", "remote_id": "did:plc:1", "name": "Roastery", "credentials": {"access_jwt": "old"}}
    channel = keep_channel(acme, **account, user=alice)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    again = keep_channel(acme, **account | {"credentials": {"access_jwt": "new"}}, user=alice)
    assert again == channel and Channel.objects.get().credentials == {"access_jwt": "new"}
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert disconnect_channel(channel, user=alice) is False
    assert Channel.objects.get().state == Channel.State.DISCONNECTED
