"""Keys of encryption are rotated without losing a secret."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from publishing import rotating
from publishing.factories import ChannelFactory
from publishing.models import Channel
from publishing.secrets import SecretUnreadable

pytestmark = pytest.mark.django_db
OLD, NEW, LOST = (Fernet.generate_key().decode() for _key in range(3))


@pytest.fixture
def channels(acme, settings):
    settings.ENCRYPTION_KEYS = [OLD]
    return [ChannelFactory(organization=acme, credentials={"access_token": f"token {n}"}) for n in range(3)]


def tokens():
    return sorted(channel.credentials["access_token"] for channel in Channel.objects.all())


def test_after_rotating_the_old_key_can_go(channels, settings, capsys, monkeypatch):
    monkeypatch.setattr(rotating, "BATCH", 2)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_encryption_keys")
    assert "publishing.Channel.credentials: 3 written anew" in capsys.readouterr().out
    settings.ENCRYPTION_KEYS = [NEW]
    assert tokens() == ["token 0", "token 1", "token 2"]
    settings.ENCRYPTION_KEYS = [OLD]
    with pytest.raises(SecretUnreadable):
        tokens()


def test_a_second_run_changes_nothing(channels, settings, capsys):
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_encryption_keys")
    call_command("rotate_encryption_keys")
    assert "publishing.Channel.credentials: 0 written anew, 3 were already" in capsys.readouterr().out


def test_what_no_key_opens_is_left_alone_and_named_and_the_rest_is_rotated(channels, settings, acme):
    settings.ENCRYPTION_KEYS = [LOST]
    ChannelFactory(organization=acme, credentials={"access_token": "lost"})
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="1 secrets cannot be read"):
        call_command("rotate_encryption_keys")
    settings.ENCRYPTION_KEYS = [NEW, LOST]
    assert tokens() == ["lost", "token 0", "token 1", "token 2"]


def test_a_token_that_was_renewed_meanwhile_is_not_overwritten(channels, settings, monkeypatch):
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    rows = rotating._rows

    def renewed_after_reading(model, field):
        for pk, stored in rows(model, field):
            Channel.objects.filter(pk=pk).update(credentials={"access_token": "renewed"})
            yield pk, stored

    monkeypatch.setattr(rotating, "_rows", renewed_after_reading)
    list(rotating.rotate())
    assert tokens() == ["renewed"] * 3


def test_second_factors_are_not_readable_in_the_database_and_outlive_the_old_key(alice, settings):
    settings.ENCRYPTION_KEYS = [OLD]
    secret = generate_totp_secret()
    totp = TOTP.activate(alice, secret).instance
    codes = RecoveryCodes.activate(alice)
    shown = codes.get_unused_codes()
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored and not any(code in stored for code in shown)

    settings.ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_encryption_keys")
    settings.ENCRYPTION_KEYS = [NEW]
    totp.refresh_from_db()
    assert decrypt(totp.data["secret"]) == secret
    assert RecoveryCodes(Authenticator.objects.get(pk=codes.instance.pk)).get_unused_codes() == shown
