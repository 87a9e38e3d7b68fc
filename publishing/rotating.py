"""Moves every encrypted field of the project to the newest key, while everything runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from organizations.second_factors import SEALED

BATCH = 500


@dataclass
class Found:
    """What became of the secrets of one field."""

    where: str
    rotated: int = 0
    current: int = 0
    unreadable: int = 0


def encrypted_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every field of every app that is stored encrypted."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if getattr(field, "is_encrypted", False):
                yield model, field


def rotate() -> Iterator[Found]:
    """Writes what an older key wrote anew with the first, row by row.

    A row that changes meanwhile is left to whoever changed it: who writes,
    writes with the first key. What no key opens stays as it is.
    """
    newest, every = Fernet(settings.ENCRYPTION_KEYS[0]), MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
    for model, field in encrypted_fields():
        found = Found(f"{model._meta.label}.{field.name}")
        for pk, stored in _rows(model, field):
            if _opens(newest, stored):
                found.current += 1
                continue
            try:
                changed = every.rotate(stored)
            except InvalidToken:
                found.unreadable += 1
                continue
            _replace(model, field, pk, stored, changed)
            found.rotated += 1
        yield found
    yield _second_factors(newest, every)


def _second_factors(newest: Fernet, every: MultiFernet) -> Found:
    """Keys of authenticator apps and seeds of recovery codes, which lie sealed inside JSON."""
    found = Found(f"{Authenticator._meta.label}.data")
    for each in Authenticator.objects.iterator():
        sealed = {name: each.data[name].encode() for name in SEALED if name in each.data}
        if all(_opens(newest, stored) for stored in sealed.values()):
            found.current += len(sealed)
            continue
        try:
            changed = {name: every.rotate(stored).decode() for name, stored in sealed.items()}
        except InvalidToken:
            found.unreadable += 1
            continue
        Authenticator.objects.filter(pk=each.pk, data=each.data).update(data={**each.data, **changed})
        found.rotated += len(sealed)
    return found


def _opens(key: Fernet, stored: bytes) -> bool:
    try:
        key.decrypt(stored)
    except InvalidToken:
        return False
    return True


def _rows(model, field) -> Iterator[tuple[object, bytes]]:
    """Each row's key and stored bytes, in batches, as they are in the database."""
    table, pk, column = (connection.ops.quote_name(name) for name in (
        model._meta.db_table, model._meta.pk.column, field.column,
    ))  # fmt: skip
    last: Any = None
    while True:
        after = f"AND {pk} > %s" if last is not None else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {pk}, {column} FROM {table} WHERE {column} IS NOT NULL {after} ORDER BY {pk} LIMIT {BATCH}",  # noqa: S608
                [last] if last is not None else [],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        for key, stored in rows:
            if stored:
                yield key, stored.encode() if isinstance(stored, str) else bytes(stored)
        last = rows[-1][0]


def _replace(model, field, pk, stored: bytes, changed: bytes) -> None:
    as_stored = bytes.decode if isinstance(field, models.CharField) else bytes
    table, key, column = (connection.ops.quote_name(name) for name in (
        model._meta.db_table, model._meta.pk.column, field.column,
    ))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",  # noqa: S608
            [as_stored(changed), pk, as_stored(stored)],
        )
