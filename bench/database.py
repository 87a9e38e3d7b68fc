"""A database of its own for a measurement, made from the tests' empty one and dropped afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def set_up(**environment: str) -> None:
    """Starts PostgreSQL and Django with the tests' settings."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "cms.settings.test", **environment}
    import django

    from cms import embedded_postgres

    embedded_postgres.ensure_running()
    django.setup()


@contextmanager
def own_database(name: str = "content_studio_bench") -> Iterator[None]:
    """Django works with a migrated, empty database of this name while the block runs."""
    from django.db import connection

    from cms import baseline, embedded_postgres

    ordinary, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    test["NAME"] = name
    if embedded_postgres.is_used():
        test["TEMPLATE"] = test["TEMPLATE"] or baseline.test_template()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(ordinary, verbosity=0)
