"""What every test shares: a real PostgreSQL (the embedded one unless DATABASE_URL is set), and the cast.

Acme is the organization at work: Alice is its Owner, Adam an Admin, Bob a Member
and Vera a Viewer. Charlie is the outsider: Owner of Globex, nothing in Acme.
"""

import os

import pytest
import pytest_django.fixtures
from django.contrib.auth.signals import user_logged_in

from cms import baseline, chromium, embedded_postgres

embedded_postgres.ensure_running()
# Playwright runs an event loop in the test's own thread; Django would refuse its queries there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# pytest-django makes no test database where no chosen test has the `db` fixture. Those whose threads need
# committed rows have others, and run alone they would write into the developer's own database.
pytest_django.fixtures._get_databases_for_setup = lambda items: ({"default"}, set())
CHROMIUM = chromium.find()


@pytest.fixture(scope="session", autouse=True)
def _signed_in_just_now():
    """Whoever a test signs in by `force_login` came by the log-in page a moment ago, as far as allauth knows."""
    from allauth.account.internal.flows.login import record_authentication

    def note(sender, request, user, **kwargs):
        if not request.path:  # a request of `force_login`; those of a browser are noted by allauth itself
            record_authentication(request, user, method="password")

    user_logged_in.connect(note)
    yield
    user_logged_in.disconnect(note)


@pytest.fixture
def hours_pass():
    """`hours_pass(client)`: it is long since the person of that client signed in."""
    from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY

    def passed(client):
        session = client.session
        for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
            record["at"] -= 3 * 3600
        session.save()

    return passed


def pytest_collection_modifyitems(items):
    if CHROMIUM is None:
        skip = pytest.mark.skip(reason=f"no Chromium on this machine ({chromium.HOW_TO_GET_IT})")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Test databases are copied from a migrated one, which takes a second instead of a minute and a half."""
    from django.db import connections

    if embedded_postgres.is_used():
        test = connections["default"].settings_dict["TEST"]
        test["TEMPLATE"] = test["TEMPLATE"] or baseline.test_template()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium: Playwright's own is a download that a test run must not depend on."""
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*quiet, "--disable-sync", *root]}


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


@pytest.fixture
def api_of(db):
    """`api_of(person)` is a client of the API that carries that person's access token."""
    from rest_framework.test import APIClient

    from organizations.factories import PASSWORD

    def signed_in(person):
        client = APIClient()
        answer = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.content
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        return client

    return signed_in


def _join(organization, name, role):
    from organizations.factories import MembershipFactory

    return MembershipFactory(organization=organization, user=_person(name), role=role).user
