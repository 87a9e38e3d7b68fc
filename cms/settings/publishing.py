"""Settings of publishing: how it works, and how each network is reached."""

from .environment import BASE_URL, env

# Each network's address is a setting, so that it can be pointed elsewhere.
# Keys that encrypt what is secret in the database: the first encrypts, all decrypt.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
PUBLISHING_DISPATCH = env.bool("PUBLISHING_DISPATCH", default=True)  # whether workers of this machine send
PUBLISHING_THREADS = env.int("PUBLISHING_THREADS", default=25)  # calls at once, per worker
PUBLISHING_LEASE = env.int("PUBLISHING_LEASE", default=20)  # seconds until a silent worker is taken for dead
PUBLISHING_TIMEOUT = env.float("PUBLISHING_TIMEOUT", default=30.0)  # seconds for one answer of a network
PUBLISHING_GRACE = env.int("PUBLISHING_GRACE", default=900)  # seconds after which an untried post missed its time
PUBLISHING_ATTEMPTS = env.int("PUBLISHING_ATTEMPTS", default=10)
PUBLISHING_RETRY_HOURS = env.int("PUBLISHING_RETRY_HOURS", default=6)
PUBLISHING_KEEP_ATTEMPTS_DAYS = env.int("PUBLISHING_KEEP_ATTEMPTS_DAYS", default=400)  # 0: for ever
BLUESKY_SERVICE = env("BLUESKY_SERVICE", default="https://bsky.social")
X_API_BASE = env("X_API_BASE", default="https://api.x.com")
X_AUTHORIZE_URL = env("X_AUTHORIZE_URL", default="https://x.com/i/oauth2/authorize")
X_CLIENT_ID = env("X_CLIENT_ID", default="")
X_CLIENT_SECRET = env("X_CLIENT_SECRET", default="")
LINKEDIN_API_BASE = env("LINKEDIN_API_BASE", default="https://api.linkedin.com")
LINKEDIN_AUTH_BASE = env("LINKEDIN_AUTH_BASE", default="https://www.linkedin.com")
LINKEDIN_VERSION = env("LINKEDIN_VERSION", default="202607")  # a month; LinkedIn answers each for at least a year
LINKEDIN_CLIENT_ID = env("LINKEDIN_CLIENT_ID", default="")
LINKEDIN_CLIENT_SECRET = env("LINKEDIN_CLIENT_SECRET", default="")
LINKEDIN_SCOPES = env.list("LINKEDIN_SCOPES", default=["openid", "profile", "w_member_social"])
LINKEDIN_PAGES_CLIENT_ID = env("LINKEDIN_PAGES_CLIENT_ID", default="")
LINKEDIN_PAGES_CLIENT_SECRET = env("LINKEDIN_PAGES_CLIENT_SECRET", default="")
LINKEDIN_PAGES_SCOPES = env.list(
    "LINKEDIN_PAGES_SCOPES", default=["r_organization_social", "w_organization_social", "rw_organization_admin"]
)
INSTAGRAM_APP_ID = env("INSTAGRAM_APP_ID", default="")
INSTAGRAM_APP_SECRET = env("INSTAGRAM_APP_SECRET", default="")
INSTAGRAM_LOGIN = env("INSTAGRAM_LOGIN", default="facebook")  # or "instagram": by which log-in people come
INSTAGRAM_API_BASE = env("INSTAGRAM_API_BASE", default="")  # empty: the address that belongs to the log-in
INSTAGRAM_API_VERSION = env("INSTAGRAM_API_VERSION", default="v25.0")
METRICS_TOKEN = env("METRICS_TOKEN", default="")  # opens /metrics to whoever sends it as a bearer token
PUBLISHING_USER_AGENT = f"ContentStudio/1.0 (+{BASE_URL})"
# Servers that people name (Mastodon, Bluesky) must be on the public internet, so that nobody
# reaches this network's own machines through them.
PUBLISHING_ALLOW_PRIVATE_ADDRESSES = env.bool("PUBLISHING_ALLOW_PRIVATE_ADDRESSES", default=False)
