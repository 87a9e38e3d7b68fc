"""An organization that other threads and processes see."""

import time

import pytest
from django.db import connection

from billing.models import PlanGrant
from organizations.models import Organization
from publishing.models import Delivery, NetworkPause, Worker


@pytest.fixture
def committed_acme(django_db_setup, django_db_blocker):
    """Really committed, and gone again afterwards."""
    with django_db_blocker.unblock():
        # pytest-django makes no test database when no test of the run asks for one by its mark.
        assert connection.settings_dict["NAME"].startswith("test_"), "run this together with a test that is marked"
        organization = Organization.objects.create(name="Acme", slug=f"acme-{time.time_ns()}")
        PlanGrant.objects.create(organization=organization, plan="team", reason="room for every test")
        yield organization
        Delivery.objects.filter(organization=organization).delete()
        organization.delete()
        Worker.objects.all().delete()
        NetworkPause.objects.all().delete()
        connection.close()
