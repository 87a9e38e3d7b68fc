"""The version that runs can live with the tables of the one that comes: docs/deployment.md, Upgrading."""

import pytest
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

pytestmark = pytest.mark.django_db

# The last migration of the first release. Up to there every installation begins with an empty database.
FIRST_RELEASE = {"billing": 5, "content_studio": 15, "home": 3, "organizations": 11, "publishing": 4, "webhooks": 1}

# An index that is made on a table in use must be made CONCURRENTLY.
LOCKS = ["CREATE_INDEX", "DROP_INDEX", "REINDEX"]


def linter(**only):
    return MigrationLinter(
        str(settings.BASE_DIR), include_apps=list(FIRST_RELEASE), no_cache=True, warnings_as_errors_tests=LOCKS, **only
    )


def of_the_first_release():
    ours = [(app, name) for app, name in MigrationLoader(None).disk_migrations if app in FIRST_RELEASE]
    return [name for app, name in ours if int(name.split("_")[0]) <= FIRST_RELEASE[app]]


@pytest.fixture(autouse=True)
def _as_outside_of_a_transaction(db):
    """What is made concurrently refuses to be inside of one. Here its SQL is only read."""
    default = connections["default"]
    inside, default.in_atomic_block = default.in_atomic_block, False
    yield
    default.in_atomic_block = inside


def test_no_migration_locks_or_breaks_the_version_that_runs(capsys):
    checked = linter(ignore_name=of_the_first_release())
    checked.lint_all_migrations()
    assert not checked.has_errors, capsys.readouterr().out


def test_the_check_knows_an_unsafe_migration_when_it_sees_one(capsys):
    checked = linter(include_name=["0002_engine"])
    checked.lint_all_migrations()
    assert checked.has_errors
    said = capsys.readouterr().out
    assert "DROPPING columns" in said
    assert "CREATE INDEX locks table" in said
