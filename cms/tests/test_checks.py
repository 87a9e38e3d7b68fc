"""What production refuses, and that it starts with what an operator would set."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from cms import checks, embedded_postgres
from organizations.factories import UserFactory

SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "Zx8-a-long-and-random-key-for-this-test-0123456789-abcdefgh",
    "ENCRYPTION_KEYS": ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="],
    "ALLOWED_HOSTS": ["studio.example.com"],
    "BASE_URL": "https://studio.example.com",
    "MAILER_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "REDIS_URL": "redis://localhost:6379/0",
}


@pytest.fixture
def production(settings):
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def ids(messages):
    return {message.id for message in messages}


def test_a_careful_operators_settings_are_accepted(production):
    assert checks.production_settings() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "missing", "cms.E001"),
        ("SECRET_KEY", django_settings.DEVELOPMENT_SECRET_KEY, "cms.E001"),
        ("SECRET_KEY", "a" * 60, "cms.E001"),
        ("ENCRYPTION_KEYS", [], "cms.E002"),
        ("ENCRYPTION_KEYS", [django_settings.DEVELOPMENT_ENCRYPTION_KEY], "cms.E002"),
        ("ENCRYPTION_KEYS", ["not a key"], "cms.E002"),
        ("DEBUG", True, "cms.E003"),
        ("ALLOWED_HOSTS", [], "cms.E004"),
        ("ALLOWED_HOSTS", ["*"], "cms.E004"),
        ("BASE_URL", "http://studio.example.com", "cms.E005"),
        ("MAILER_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "cms.E007"),
        ("SESSION_COOKIE_SECURE", False, "cms.E008"),
    ],
)
def test_production_refuses(production, name, value, expected):
    setattr(production, name, value)
    found = checks.production_settings()
    assert ids(found) == {expected}
    assert all(message.hint for message in found)


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_production_refuses_to_use_the_embedded_server(production):
    production.DATABASES = {"default": {}}
    assert ids(checks.production_settings()) == {"cms.E006"}


def test_production_refuses_a_demo_account_in_the_database(production, db):
    assert checks.no_demo_accounts() == []
    UserFactory(email="owner@demo.test")
    assert ids(checks.no_demo_accounts()) == {"cms.E009"}


def test_development_is_not_bothered(db):
    assert checks.production_settings() == []
    assert checks.no_demo_accounts() == []


def start_web_server(**environment):
    """Loads the WSGI application in a process of its own, with nothing else set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import cms.wsgi"],
        env={**kept, "DJANGO_SETTINGS_MODULE": "cms.settings.production", **environment},
        cwd=embedded_postgres.BASE_DIR,
        capture_output=True,
        text=True,
    )


def test_the_web_server_does_not_start_without_settings_and_names_each():
    result = start_web_server()
    assert result.returncode != 0
    assert all(f"cms.E00{number}" in result.stderr for number in (1, 2, 4, 5, 6, 7))


def test_the_web_server_starts_with_everything_set():
    result = start_web_server(
        SECRET_KEY=SAFE["SECRET_KEY"],
        ENCRYPTION_KEYS=SAFE["ENCRYPTION_KEYS"][0],
        ALLOWED_HOSTS="studio.example.com",
        BASE_URL=SAFE["BASE_URL"],
        EMAIL_URL="smtp+tls://mail.example.com:587",
        DATABASE_URL=embedded_postgres.url("postgres"),
    )
    assert result.returncode == 0, result.stderr
