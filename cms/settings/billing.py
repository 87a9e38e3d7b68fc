"""Settings of money. Without STRIPE_SECRET_KEY nothing is for sale: everybody is on Free or on a granted plan."""

from .environment import env

PROVIDER_TOKENS_PER_TOKEN = env.int("PROVIDER_TOKENS_PER_TOKEN", default=1000)
BILLING_GRACE_DAYS = env.int("BILLING_GRACE_DAYS", default=7)  # how long a plan holds after a payment failed
BILLING_TRIAL_DAYS = env.int("BILLING_TRIAL_DAYS", default=0)  # once for each organization
BILLING_AUTOMATIC_TAX = env.bool("BILLING_AUTOMATIC_TAX", default=False)  # Stripe Tax
BILLING_PROMOTION_CODES = env.bool("BILLING_PROMOTION_CODES", default=True)
SALES_EMAIL = env("SALES_EMAIL", default="")  # whom to write to where nothing is for sale
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")  # only for an endpoint that was made by hand
DJSTRIPE_SUBSCRIBER_MODEL = "organizations.Organization"
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
STRIPE_API_BASE = env("STRIPE_API_BASE", default="https://api.stripe.com")
if STRIPE_API_BASE != "https://api.stripe.com":
    STRIPE_API_HOST = STRIPE_API_BASE  # where dj-stripe looks
