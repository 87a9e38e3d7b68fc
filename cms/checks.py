"""What production must not run with. Each finding has an id, what is wrong and what to do.

The checks run with every management command (`manage.py check`, so also before
migrations and the worker), and `refuse_if_unsafe` keeps the web server from
starting. They say nothing outside `cms.settings.production`.
"""

from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from . import social_logins

DEMO_DOMAIN = "demo.test"
FEWEST_KEY_CHARACTERS = 50
NEW_SECRET_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(64))'"  # noqa: S105 (a command)
NEW_ENCRYPTION_KEY = (
    "python -c 'import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
)


@register(Tags.security)
def production_settings(app_configs=None, **kwargs) -> list[CheckMessage]:
    """Everything about the settings that is unsafe on a server."""
    if not settings.PRODUCTION:
        return []
    return [*_keys(), *_addresses(), *_services(), *_cookies()]


@register(Tags.database)
def no_demo_accounts(app_configs=None, databases=None, **kwargs) -> list[CheckMessage]:
    """The demo people's password is printed in the README: they may not exist where others can reach them."""
    if not settings.PRODUCTION or not _has_database() or databases == []:
        return []
    try:
        found = list(
            get_user_model().objects.filter(email__iendswith=f"@{DEMO_DOMAIN}").values_list("email", flat=True)
        )
    except DatabaseError:
        return []  # not reachable or not migrated yet: other messages say so
    if not found:
        return []
    return [
        Error(
            f"The database has demo accounts: {', '.join(sorted(found))}.",
            hint="Their password is public. Delete them, or use a database without demo data.",
            id="cms.E009",
        )
    ]


def refuse_if_unsafe() -> None:
    """Raises with every error of the checks above; the web server calls it before it serves."""
    found = [message for message in [*production_settings(), *no_demo_accounts()] if message.is_serious()]
    if found:
        lines = "\n".join(f"  {message.id}: {message.msg}\n      {message.hint}" for message in found)
        raise ImproperlyConfigured(f"Content Studio refuses to start with these settings:\n{lines}")


def _keys() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    key = settings.SECRET_KEY
    if key == settings.DEVELOPMENT_SECRET_KEY or len(key) < FEWEST_KEY_CHARACTERS or len(set(key)) < 5:
        what = "the one for development" if key == settings.DEVELOPMENT_SECRET_KEY else "missing or too short"
        found.append(
            Error(f"SECRET_KEY is {what}.", hint=f"Set SECRET_KEY to the output of: {NEW_SECRET_KEY}", id="cms.E001")
        )
    hint = f"Set ENCRYPTION_KEYS to the output of: {NEW_ENCRYPTION_KEY}"
    if not settings.ENCRYPTION_KEYS:
        found.append(Error("ENCRYPTION_KEYS is missing: channels' tokens cannot be stored.", hint=hint, id="cms.E002"))
    elif settings.DEVELOPMENT_ENCRYPTION_KEY in settings.ENCRYPTION_KEYS:
        found.append(Error("ENCRYPTION_KEYS has the key for development in it.", hint=hint, id="cms.E002"))
    elif not all(_is_encryption_key(key) for key in settings.ENCRYPTION_KEYS):
        hint = f"Each key is 32 bytes in URL-safe base64, separated by commas. {hint}"
        found.append(Error("ENCRYPTION_KEYS has something in it that is not a key.", hint=hint, id="cms.E002"))
    return found


def _is_encryption_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _addresses() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(
            Error("DEBUG is on: error pages would show settings and data.", hint="Remove DEBUG.", id="cms.E003")
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS is empty or allows every host.",
                hint="Set ALLOWED_HOSTS to the host names of this site, separated by commas.",
                id="cms.E004",
            )
        )
    base = urlsplit(settings.BASE_URL)
    if base.scheme != "https" or not base.hostname:
        found.append(
            Error(
                f"BASE_URL is {settings.BASE_URL!r}, which is not an https address.",
                hint="Set BASE_URL to the public address, for example https://studio.example.com",
                id="cms.E005",
            )
        )
    return found


def _services() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not _has_database():
        found.append(
            Error(
                "DATABASE_URL is missing; the embedded PostgreSQL is for development.",
                hint="Set DATABASE_URL, for example postgresql://user:password@host:5432/content_studio",
                id="cms.E006",
            )
        )
    if settings.MAILER_EMAIL_BACKEND.rsplit(".", 2)[-2] in {"console", "dummy", "locmem", "filebased"}:
        found.append(
            Error(
                "EMAIL_URL is missing: invitations and password mails would go nowhere.",
                hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587",
                id="cms.E007",
            )
        )
    if missing := social_logins.missing(settings.SOCIAL_LOGINS, settings.SOCIALACCOUNT_PROVIDERS):
        found.append(
            Error(
                f"SOCIAL_LOGINS is set, but not {', '.join(missing)}: nobody could sign in with it.",
                hint="Set what is missing, as docs/configuration.md says, or take the name out of SOCIAL_LOGINS.",
                id="cms.E010",
            )
        )
    return found


def _has_database() -> bool:
    return not str(settings.DATABASES["default"].get("ENGINE", "dummy")).endswith("dummy")


def _cookies() -> list[CheckMessage]:
    insecure = [name for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE") if not getattr(settings, name)]
    if not insecure:
        return []
    return [
        Error(
            f"{' and '.join(insecure)} is off: cookies would travel unencrypted.",
            hint="Remove what turns it off; the settings for production have it on.",
            id="cms.E008",
        )
    ]


@register(Tags.caches)
def shared_cache(app_configs=None, **kwargs) -> list[CheckMessage]:
    """Limits on log-in and API calls count in the cache: each process on its own unless it is shared."""
    if not settings.PRODUCTION or settings.REDIS_URL:
        return []
    return [
        Warning(
            "REDIS_URL is missing: every web process keeps a cache and counts attempts to log in of its own.",
            hint="Set REDIS_URL, for example redis://redis:6379/0",
            id="cms.W001",
        )
    ]
