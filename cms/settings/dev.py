"""Settings for one's own machine: demo data, mail in the console, no keys needed."""

from .base import *  # noqa: F403
from .base import DEVELOPMENT_ENCRYPTION_KEY, DEVELOPMENT_SECRET_KEY, LOG_LEVEL, env, observing

DEBUG = env.bool("DEBUG", default=True)
DEMO = True
SECRET_KEY = env("SECRET_KEY", default=DEVELOPMENT_SECRET_KEY)
ALLOWED_HOSTS = ["*"]
WHITENOISE_USE_FINDERS = True  # static files straight from the sources, nothing to collect
WHITENOISE_AUTOREFRESH = True
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[DEVELOPMENT_ENCRYPTION_KEY])
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # passkeys on http://localhost

# Stripe itself is only reached from here where STRIPE_API_BASE says so.
STRIPE_API_BASE = STRIPE_API_HOST = env("STRIPE_API_BASE", default="http://localhost:12111")
SILENCED_SYSTEM_CHECKS = ["djstripe.W002"]  # which warns of just that

LOGGING = observing.logging_settings(as_json=False, level=LOG_LEVEL, slow_queries=DEBUG)

PAGE_CACHE = env.bool("PAGE_CACHE", default=not DEBUG)  # templates change while one works on them
