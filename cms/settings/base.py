"""Settings that hold everywhere. Each section reads the environment once.

What is asked of the environment is listed in `.env.example`, with what happens
without it. `dev`, `test` and `production` build on this module.
"""

import zoneinfo
from pathlib import Path

from cms import embedded_postgres, observing, social_logins

from . import media
from .api import *  # noqa: F403
from .billing import *  # noqa: F403
from .environment import BASE_DIR, BASE_URL, VAR_DIR, env
from .publishing import *  # noqa: F403

# The product
PRODUCT_NAME = "Content Studio"
WAGTAIL_SITE_NAME = PRODUCT_NAME
WAGTAILADMIN_BASE_URL = BASE_URL

PRODUCTION = False
# Known to everybody; production refuses them.
DEVELOPMENT_SECRET_KEY = "development-only-key-that-production-refuses"
DEVELOPMENT_ENCRYPTION_KEY = "ZGV2ZWxvcG1lbnQtb25seS1lbmNyeXB0aW9uLWtleSE="

SECRET_KEY = env("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The house: apps from the bottom up, then what they stand on
INSTALLED_APPS = [
    "cms",
    "home",
    "content_studio",
    "publishing",
    "billing",
    "webhooks",
    "organizations",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_q",
    "mailer",
    "djstripe",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "cms.health.HealthMiddleware",
    "cms.observing.RequestLogMiddleware",
    "cms.security.ContentSecurityPolicyMiddleware",
    "cms.security.PermissionsPolicyMiddleware",
    "cms.security.NothingKeptMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "organizations.access.CurrentOrganizationMiddleware",
    "billing.throttles.RateLimitHeadersMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# Data
DATABASES = {"default": embedded_postgres.settings() if embedded_postgres.is_used() else env.db_url("DATABASE_URL")}
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
# A new connection knows no table yet: its first pages take PostgreSQL several times as long.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
# A migrated database that new test databases are copied from, where there is one.
DATABASES["default"]["TEST"] = {"TEMPLATE": env("TEST_DATABASE_TEMPLATE", default=None)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")


def redis_cache(url: str) -> dict[str, dict[str, object]]:
    """Django's `CACHES` with the Redis server at `url`, which may be gone for a while."""
    options = {"socket_connect_timeout": 0.5, "socket_timeout": 1}
    return {"default": {"BACKEND": "cms.caching.CarryingOnCache", "LOCATION": url, "OPTIONS": options}}


CACHES = (
    redis_cache(REDIS_URL) if REDIS_URL else {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
)

# People
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["organizations.access.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Row-level security keeps organizations apart; these addresses concern people instead of an organization.
PATHS_OUTSIDE_WALLS = ("/accounts/", "/invitations/", "/api/v1/auth/", "/api/v1/billing/webhook", "/stripe/")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
LOGOUT_REDIRECT_URL = "/"
WAGTAILADMIN_LOGIN_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser in which the person has just signed up, and no other
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Before addresses, second factors, connected accounts, API keys, all data or the organization itself change hands.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds after signing in, or after being asked
ACCOUNT_FORMS = {"signup": "organizations.signup_forms.SignupForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{PRODUCT_NAME}: "
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PRODUCT_NAME
MFA_ADAPTER = "organizations.second_factors.SecondFactors"
# Signing in with other services: `google`, `github`, and under any other name an OpenID Connect
# provider. Each has variables of its own that begin with its name: docs/configuration.md.
SOCIAL_LOGINS = env.list("SOCIAL_LOGINS", default=[])
INSTALLED_APPS += social_logins.apps(SOCIAL_LOGINS)
SOCIALACCOUNT_PROVIDERS = social_logins.providers(SOCIAL_LOGINS, env=env)
SOCIALACCOUNT_ADAPTER = "organizations.social_logins.SocialLogins"
SOCIALACCOUNT_FORMS = {"signup": "organizations.signup_forms.SocialSignupForm"}
SOCIALACCOUNT_AUTO_SIGNUP = False  # a new person names their organization first
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# Tokens of the API, made by allauth. They end at once when their session is signed out.
ACCESS_TOKEN_SECONDS = 900
HEADLESS_CLIENTS: tuple[str, ...] = ()  # allauth's own JSON endpoints are not offered
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = ACCESS_TOKEN_SECONDS
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 14 * 24 * 3600
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Mails wait in the database until the mail server has taken them: `organizations.mailing`.
MAILER_EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_BACKEND = "organizations.mailing.QueuedBackend"
EMAIL_TIMEOUT = 20
MAILER_ERROR_HANDLER = "organizations.mailing.put_aside"
MAILER_EMAIL_MAX_RETRIES = 3 * 24 * 6  # one every ten minutes, for three days
MAILER_EMAIL_LOG_MESSAGE_DATA = False  # a mail may hold a link that signs somebody in
MAILER_USE_FILE_LOCK = False  # rows are locked instead
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Content Studio <studio@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Languages and time: every moment is stored in UTC
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Files. Static ones are the same for everybody; media belong to an organization and need a signed address.
STATIC_HOST = env("STATIC_HOST", default="").rstrip("/")  # a CDN in front of this site, with its scheme
STATIC_URL = f"{STATIC_HOST}/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_HOST = ""  # where media lie, when not on this site
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "cms.media.SignedFileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_S3_BUCKET = env("MEDIA_S3_BUCKET", default="")
if MEDIA_S3_BUCKET:
    MEDIA_HOST = env("MEDIA_S3_ENDPOINT", default="https://*.amazonaws.com").rstrip("/")
    STORAGES["default"] = media.bucket(MEDIA_S3_BUCKET)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Wagtail
WAGTAIL_PAGE_MODEL = "organizations.BasePage"
WAGTAILIMAGES_IMAGE_MODEL = "organizations.LibraryImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "organizations.pictures.ImageForm"
WAGTAILDOCS_DOCUMENT_MODEL = "organizations.LibraryDocument"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "organizations.search"}}
WAGTAIL_FINISH_WORKFLOW_ACTION = "content_studio.workflows.finish"
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True  # an approval is of one revision, at every stage
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = False  # a newer draft stays in review when an older revision goes out
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Zones that browsers know too.
WAGTAIL_USER_TIME_ZONES = sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})
# What may be uploaded. SVG and HTML are not on the lists: they can carry scripts.
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000  # a small file can unpack to gigabytes
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "key", "md", "mp4", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = env.int("MAX_UPLOAD_MEGABYTES", default=512) * 1024 * 1024  # the longest: X's videos
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_CONTENT_TYPES = {"mp4": "video/mp4"}
WAGTAILDOCS_INLINE_CONTENT_TYPES = ["video/mp4"]

# Background work. Rows in PostgreSQL are the truth, a lost task is only a delay:
# `retry` counts from the moment a task is fetched, so it stays far above `timeout`.
Q_CLUSTER = {
    "name": "content-studio",
    "workers": env.int("WORKERS", default=2),
    "timeout": 300,
    "retry": 900,
    "queue_limit": 4,
    "bulk": 1,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.2,
    "label": "Background work",
    "orm": "default",  # with Redis too: docs/decisions/0011-the-task-queue-is-a-table.md
}

# Writing with AI. A provider is offered when its key is set; `demo` always is.
OPENAI_API_KEY = env("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env("OPENAI_BASE_URL", default="https://api.openai.com/v1")
OPENAI_MODEL = env("OPENAI_MODEL", default="gpt-5-mini")
GEMINI_API_KEY = env("GEMINI_API_KEY", default="")
GEMINI_BASE_URL = env("GEMINI_BASE_URL", default="https://generativelanguage.googleapis.com")
GEMINI_MODEL = env("GEMINI_MODEL", default="gemini-2.5-flash")
AI_TIMEOUT = env.float("AI_TIMEOUT", default=60.0)  # seconds for one call of a provider

# Browsers
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the studio shows previews in a frame
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
SESSION_COOKIE_SAMESITE = "Lax"

# What it tells of itself
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING = observing.logging_settings(as_json=False, level=LOG_LEVEL)
observing.configure_structlog()
RELEASE = env("RELEASE", default="")
SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN:
    observing.start_sentry(
        SENTRY_DSN,
        environment=env("SENTRY_ENVIRONMENT", default="production"),
        release=RELEASE,
        traces=env.float("SENTRY_TRACES", default=0.0),
    )

# The public site. Its pages set no cookie; `SITE_ANALYTICS_SRC` adds one script tag
# of an analytics that needs none either, with attributes such as data-domain=example.org.
PAGE_CACHE = env.bool("PAGE_CACHE", default=True)
SITE_ANALYTICS = {
    "src": env("SITE_ANALYTICS_SRC", default=""),
    "attributes": env.dict("SITE_ANALYTICS_ATTRIBUTES", default={}),
}
