"""Settings for one's own machine: demo data, mail in the console, no keys needed."""

from .base import *  # noqa: F403
from .base import env

DEBUG = env.bool("DEBUG", default=True)
DEMO = True
DEVELOPMENT_SECRET_KEY = "development-only-key-that-production-refuses"
SECRET_KEY = env("SECRET_KEY", default=DEVELOPMENT_SECRET_KEY)
ALLOWED_HOSTS = ["*"]
WHITENOISE_USE_FINDERS = True  # static files straight from the sources, nothing to collect
WHITENOISE_AUTOREFRESH = True
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=["ZGV2ZWxvcG1lbnQtb25seS1lbmNyeXB0aW9uLWtleSE="])
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # passkeys on http://localhost
