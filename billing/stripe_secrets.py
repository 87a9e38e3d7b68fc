"""Keeps Stripe's secrets out of the database, where dj-stripe would store them readable.

dj-stripe writes a row for each API key that it was called with, and keeps a
webhook endpoint's signing secret, once in a column and once more in Stripe's
own answer. Here an API key becomes its fingerprint, which tells keys apart and
opens nothing; what is read is the key of the settings. A signing secret is
stored encrypted.
"""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models.signals import pre_save

from organizations.secrets import seal, unseal

FINGERPRINT = "sha256:"


class _KeptApart(models.CharField):
    """A column of dj-stripe's whose stored value is not what Python sees."""

    def deconstruct(self):
        # To migrations it is what dj-stripe declares: a column of characters.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_prep_value(self, value):
        return self.stored(value) if value else value

    def from_db_value(self, value, expression, connection):
        return self.known(value) if value else value

    def stored(self, value: str) -> str:
        raise NotImplementedError

    def known(self, value: str) -> str:
        raise NotImplementedError


class ApiKeyField(_KeptApart):
    """Stores a key's fingerprint. Reads as the key in the settings, so that a new key is used at once."""

    def stored(self, value: str) -> str:
        return value if value.startswith(FINGERPRINT) else FINGERPRINT + hashlib.sha256(value.encode()).hexdigest()

    def known(self, value: str) -> str:
        return settings.STRIPE_SECRET_KEY


class SigningSecretField(_KeptApart):
    """Stores a secret encrypted with `ENCRYPTION_KEYS`."""

    is_encrypted = True  # written anew when the keys are rotated

    def stored(self, value: str) -> str:
        return seal(value)

    def known(self, value: str) -> str:
        return unseal(value)


def keep_out_of_the_database() -> None:
    """Called once, when Django starts: changes how dj-stripe's two columns are written and read."""
    from djstripe.models import APIKey, WebhookEndpoint

    APIKey._meta.get_field("secret").__class__ = ApiKeyField
    WebhookEndpoint._meta.get_field("secret").__class__ = SigningSecretField
    pre_save.connect(_forget_secret_in_answer, sender=WebhookEndpoint)


def _forget_secret_in_answer(sender, instance, **kwargs) -> None:
    (instance.stripe_data or {}).pop("secret", None)
