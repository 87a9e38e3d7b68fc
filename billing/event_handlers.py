"""What the product does when Stripe tells of something: one function for each event.

dj-stripe checks the signature, takes each event once, fetches the object anew
from Stripe and stores it, all before these functions run. So the order in which
news arrives does not matter: an old event brings the present state. What runs
here is only what follows from it.
"""

import logging

from django.db import connection
from django.dispatch import receiver
from djstripe.event_handlers import djstripe_receiver
from djstripe.models import Customer, Subscription
from djstripe.signals import webhook_pre_process

from organizations.models import Organization

from . import mails, plan_changes, stripe_api

logger = logging.getLogger(__name__)


@receiver(webhook_pre_process)
def take_turns(sender, instance, **kwargs):
    """One event of a customer at a time.

    Two at once could each fetch the object, and the one that fetched first could
    store last. The lock ends with the transaction that dj-stripe processes in.
    """
    told = instance.json_body.get("data", {}).get("object", {})
    customer = told.get("id") if told.get("object") == "customer" else told.get("customer")
    if isinstance(customer, dict):
        customer = customer.get("id")
    if customer:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [customer])


@djstripe_receiver("checkout.session.completed")
def checkout_completed(sender, event, **kwargs):
    """Somebody subscribed: the subscription is fetched at once, without waiting for its own event."""
    session = event.data["object"]
    organization = _organization(session.get("customer"))
    if organization is None or not session.get("subscription"):
        return
    data = stripe_api.client().v1.subscriptions.retrieve(session["subscription"])
    stripe_api.keep(Subscription, data)
    plan_changes.note(organization)


@djstripe_receiver("customer.subscription.created")
def subscription_created(sender, event, **kwargs):
    _subscription_changed(event)


@djstripe_receiver("customer.subscription.updated")
def subscription_updated(sender, event, **kwargs):
    """Renewed, switched, cancelled, past due or paid again: the stored object says which."""
    _subscription_changed(event)


@djstripe_receiver("customer.subscription.deleted")
def subscription_ended(sender, event, **kwargs):
    _subscription_changed(event)


@djstripe_receiver("customer.subscription.paused")
def subscription_paused(sender, event, **kwargs):
    _subscription_changed(event)


@djstripe_receiver("customer.subscription.resumed")
def subscription_resumed(sender, event, **kwargs):
    _subscription_changed(event)


@djstripe_receiver("customer.subscription.trial_will_end")
def trial_will_end(sender, event, **kwargs):
    """Three days before a trial ends."""
    if organization := _organization(event.data["object"].get("customer")):
        mails.trial_ends(organization)


@djstripe_receiver("invoice.paid")
def invoice_paid(sender, event, **kwargs):
    """A renewal or an open invoice is paid: what was restricted is free again."""
    if organization := _organization(event.data["object"].get("customer")):
        plan_changes.note(organization)


@djstripe_receiver("invoice.payment_failed")
def payment_failed(sender, event, **kwargs):
    """A payment did not go through. Stripe tries again; the Owners are told each time."""
    invoice = event.data["object"]
    if organization := _organization(invoice.get("customer")):
        mails.payment_failed(organization, invoice)
        plan_changes.note(organization)


@djstripe_receiver("invoice.payment_action_required")
def payment_action_required(sender, event, **kwargs):
    """The bank asks the payer to confirm."""
    invoice = event.data["object"]
    if organization := _organization(invoice.get("customer")):
        mails.payment_needs_confirmation(organization, invoice)


@djstripe_receiver("customer.deleted")
def customer_deleted(sender, event, **kwargs):
    """dj-stripe has let go of the organization; its subscriptions ended with their own events."""
    logger.info("Stripe customer %s is deleted", event.data["object"]["id"])


def _subscription_changed(event) -> None:
    if organization := _organization(event.data["object"].get("customer")):
        plan_changes.note(organization)


def _organization(customer_id) -> Organization | None:
    """Whose customer that is. None for one that is not ours, or whose organization is deleted."""
    customer = Customer.objects.filter(id=customer_id or "").select_related("subscriber").first()
    return customer.subscriber if customer else None
