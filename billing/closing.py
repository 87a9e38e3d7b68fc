"""An organization that is deleted is not charged any longer."""

from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django_q.tasks import async_task
from djstripe.models import Customer

from organizations.models import Organization
from organizations.signals import organization_deleted, organization_erasing

from . import stripe_api
from .subscriptions import IN_FORCE, PAST_DUE


@receiver(organization_deleted)
def stop_charging_deleted(organization, **kwargs):
    """Ends the subscriptions at once, although the organization may be brought back."""
    _stop_charging(organization)


@receiver(organization_erasing)
def forget_payments(organization, **kwargs):
    """What follows from no model: the counters of its requests, and Stripe's news as they came.

    News hold names and addresses. Invoices stay with Stripe, as the law on bookkeeping asks.
    """
    _stop_charging(organization)
    customers = list(Customer.objects.filter(subscriber=organization).values_list("id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_ratebucket WHERE strpos(key, %s) > 0", [str(organization.pk)])
        for customer in customers:
            cursor.execute("DELETE FROM djstripe_webhookeventtrigger WHERE strpos(body, %s) > 0", [customer])
            cursor.execute("DELETE FROM djstripe_event WHERE strpos(data::text, %s) > 0", [customer])


@receiver(pre_delete, sender=Organization)
def stop_charging(sender, instance, **kwargs):
    """Ends the subscriptions in Stripe as soon as the organization is really gone."""
    _stop_charging(instance)


def _stop_charging(organization: Organization) -> None:
    running = [
        subscription.id
        for customer in Customer.objects.filter(subscriber=organization)
        for subscription in customer.subscriptions.filter(stripe_data__status__in=[*IN_FORCE, PAST_DUE, "unpaid"])
    ]
    for subscription_id in running:
        transaction.on_commit(partial(async_task, "billing.tasks.end_subscription", subscription_id))


def end_subscription(subscription_id: str) -> None:
    """Cancels a subscription in Stripe now. One that is cancelled already is left alone."""
    if not settings.STRIPE_SECRET_KEY:
        return
    client = stripe_api.client()
    if client.v1.subscriptions.retrieve(subscription_id).status != "canceled":
        client.v1.subscriptions.cancel(subscription_id)
