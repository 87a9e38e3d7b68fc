"""What every test shares: a real PostgreSQL (the embedded one unless DATABASE_URL is set), and the cast.

Acme is the organization at work: Alice is its Owner, Adam an Admin, Bob a Member
and Vera a Viewer. Charlie is the outsider: Owner of Globex, nothing in Acme.
"""

import pytest

from cms import embedded_postgres

embedded_postgres.ensure_running()


@pytest.fixture(autouse=True)
def _fresh_cache():
    from django.core.cache import cache

    cache.clear()  # rate limits count in it


def _person(name, **kwargs):
    from organizations.factories import UserFactory

    return UserFactory(email=f"{name.lower()}@example.test", first_name=name, **kwargs)


@pytest.fixture
def alice(db):
    return _person("Alice")


@pytest.fixture
def acme(alice):
    from organizations.factories import OrganizationFactory

    return OrganizationFactory(name="Acme", owner=alice)


@pytest.fixture
def adam(acme):
    return _join(acme, "Adam", "admin")


@pytest.fixture
def bob(acme):
    return _join(acme, "Bob", "member")


@pytest.fixture
def vera(acme):
    return _join(acme, "Vera", "viewer")


@pytest.fixture
def charlie(db):
    return _person("Charlie")


@pytest.fixture
def globex(charlie):
    from organizations.factories import OrganizationFactory

    return OrganizationFactory(name="Globex", owner=charlie)


def _join(organization, name, role):
    from organizations.factories import MembershipFactory

    return MembershipFactory(organization=organization, user=_person(name), role=role).user
