"""Settings for the test suite: the real database and broker, faster passwords, mail kept in memory."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Every kind of log-in with another service; the tests say where the last one's provider answers.
os.environ |= {
    "SOCIAL_LOGINS": "google,github,company",
    **{f"{name}_CLIENT_{what}": "for-tests" for name in ("GOOGLE", "GITHUB", "COMPANY") for what in ("ID", "SECRET")},
    "COMPANY_ISSUER": "http://127.0.0.1:1",
}

from .dev import *  # noqa: F403

DEBUG = False
DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="content-studio-media-"))
atexit.register(shutil.rmtree, MEDIA_ROOT, ignore_errors=True)
PUBLISHING_ALLOW_PRIVATE_ADDRESSES = True  # the faked networks answer on loopback
OPENAI_API_KEY = ""
GEMINI_API_KEY = ""
STRIPE_API_BASE = STRIPE_API_HOST = "http://127.0.0.1:1"  # nobody listens there; the tests of billing start their own
STRIPE_SECRET_KEY = ""
