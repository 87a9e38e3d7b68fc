"""What the tests of billing share."""

import pytest


@pytest.fixture
def committed_acme(django_db_setup, django_db_blocker):
    """An organization that is really committed, so that other threads see it. Removed with all its rows."""
    from organizations.models import Organization

    with django_db_blocker.unblock():
        organization = Organization.objects.create(name="Acme", slug="acme-committed")
        try:
            yield organization
        finally:
            organization.delete()
