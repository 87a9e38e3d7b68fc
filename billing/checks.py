"""Refuses settings of billing that cannot work, or could cost somebody money by mistake."""

from django.conf import settings
from django.core.checks import Error, Warning, register


@register("billing")
def check_stripe_key(app_configs, **kwargs):
    key = settings.STRIPE_SECRET_KEY
    if not key:
        return []
    if not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        return [
            Error(
                "STRIPE_SECRET_KEY is no secret key of Stripe.",
                hint="It begins with sk_test_, sk_live_, rk_test_ or rk_live_. Do not use the publishable key (pk_…).",
                id="billing.E001",
            )
        ]
    if settings.STRIPE_LIVE_MODE and settings.DEMO:
        return [
            Error(
                "STRIPE_SECRET_KEY is a live key, and these are the development settings.",
                hint="Use a key of Stripe's test mode, or leave it empty.",
                id="billing.E002",
            )
        ]
    if settings.STRIPE_LIVE_MODE and not settings.BASE_URL.startswith("https://"):
        return [
            Warning(
                "Stripe in live mode sends its news only to an https address.",
                hint="Set BASE_URL to the https address of this installation, then run manage.py billing_sync.",
                id="billing.W001",
            )
        ]
    return []
