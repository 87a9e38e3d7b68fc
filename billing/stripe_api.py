"""The one door to Stripe: where it is, with which key, and what it means when it does not answer."""

import contextlib
import logging

import stripe
from django.conf import settings
from django.utils.translation import gettext as _
from djstripe.settings import djstripe_settings

from organizations.problems import Problem

logger = logging.getLogger(__name__)


class NothingForSale(Problem):
    """No Stripe key is configured."""

    slug = "nothing-for-sale"
    status = 409
    title = "Plans cannot be bought here"


class PaymentServiceDown(Problem):
    """Stripe did not answer, or refused what it was asked."""

    slug = "payment-service-down"
    status = 502
    title = "The payment service does not answer"


def is_configured() -> bool:
    """True where plans can be bought."""
    return bool(settings.STRIPE_SECRET_KEY)


def client() -> stripe.StripeClient:
    """Stripe's client. Raises NothingForSale where no key is configured."""
    if not is_configured():
        contact = (
            _("Write to %(email)s.") % {"email": settings.SALES_EMAIL}
            if settings.SALES_EMAIL
            else _("Ask whoever runs this installation.")
        )
        raise NothingForSale(_("Plans cannot be bought on this installation.") + " " + contact)
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        stripe_version=djstripe_settings.STRIPE_API_VERSION,
        base_addresses={"api": settings.STRIPE_API_BASE},
        max_network_retries=2,
    )


@contextlib.contextmanager
def explained():
    """Turns Stripe's errors into a Problem that a person can be shown; the log keeps the details."""
    try:
        yield
    except stripe.StripeError as err:
        logger.warning("Stripe refused or did not answer: %s (request %s)", err, err.request_id)
        raise PaymentServiceDown(
            _(
                "Stripe, which takes the payments, did not answer as expected. Nothing was charged. Try again in a few "
                "minutes; if it stays so, write to us."
            )
        ) from err


def keep(model, data):
    """Stores what Stripe answered in dj-stripe's table, and returns the row."""
    return model.sync_from_stripe_data(data, api_key=settings.STRIPE_SECRET_KEY)
