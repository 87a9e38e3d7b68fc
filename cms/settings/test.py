"""Settings for the test suite: the real database and broker, faster passwords, mail kept in memory."""

import tempfile
from pathlib import Path

from .dev import *  # noqa: F403

DEBUG = False
DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="content-studio-media-"))
OPENAI_API_KEY = ""
GEMINI_API_KEY = ""
