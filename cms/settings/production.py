"""Settings for a server. Everything secret comes from the environment; checks refuse what is unsafe."""

from .base import *  # noqa: F403
from .base import BASE_URL, LOG_LEVEL, STORAGES, embedded_postgres, env, observing

DEBUG = env.bool("DEBUG", default=False)
DEMO = False
PRODUCTION = True
SECRET_KEY = env("SECRET_KEY", default="") or "missing"  # Django's own message names neither check nor remedy
# No embedded server here: without DATABASE_URL the checks refuse.
if embedded_postgres.is_used():
    DATABASES = {"default": {}}

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=BASE_URL.startswith("https://"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

SILENCED_SYSTEM_CHECKS = ["security.W019"]  # frames of this site only: the studio shows previews in one

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING = observing.logging_settings(as_json=env("LOG_FORMAT", default="json") == "json", level=LOG_LEVEL)
