"""Encryption of what must not be readable in the database: tokens, app passwords, keys that sign."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute


class SecretUnreadable(Exception):
    """No key in `ENCRYPTION_KEYS` opens a stored secret."""


def _box() -> MultiFernet:
    """The first key encrypts, every key decrypts: put a new key first to rotate."""
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def seal(value: Any) -> str:
    """A plain Python value as encrypted text: for what has to lie in a session for a while."""
    return _box().encrypt(json.dumps(value).encode()).decode()


def unseal(text: str) -> Any:
    """What `seal` was given. Raises SecretUnreadable."""
    try:
        return json.loads(_box().decrypt(text.encode()))
    except InvalidToken as err:
        raise SecretUnreadable("What was sealed cannot be read with the keys in ENCRYPTION_KEYS.") from err


class _Sealed(bytes):
    """A secret as it lies in the database."""


class _OpenedWhenAsked(DeferredAttribute):
    """Decrypts when somebody reads the value: whoever lists channels needs no tokens, and none is in memory then."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, _Sealed):
            value = instance.__dict__[self.field.attname] = self.field.opened(value)
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class EncryptedJSONField(models.BinaryField):
    """JSON that is stored encrypted. Reads and takes plain Python values.

    Reading raises SecretUnreadable where no key opens it. By `values()` it is not to be had.
    """

    description = "encrypted JSON"
    descriptor_class = _OpenedWhenAsked
    is_encrypted = True  # written anew when the keys are rotated
    # For the type checker: what is read and assigned is JSON, not the bytes that are stored.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value):
        return None if value is None else _box().encrypt(json.dumps(value).encode())

    def from_db_value(self, value, expression, connection):
        return None if value is None else _Sealed(value)

    @staticmethod
    def opened(value: bytes) -> Any:
        try:
            return json.loads(_box().decrypt(bytes(value)))
        except InvalidToken as err:
            raise SecretUnreadable(
                "A stored secret cannot be read with the keys in ENCRYPTION_KEYS. Put the key that wrote it back."
            ) from err
