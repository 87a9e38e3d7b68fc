"""An organization that is deleted is not charged any longer."""

from django.conf import settings
from django.db import transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django_q.tasks import async_task
from djstripe.models import Customer

from organizations.models import Organization

from . import stripe_api
from .subscriptions import IN_FORCE, PAST_DUE


@receiver(pre_delete, sender=Organization)
def stop_charging(sender, instance, **kwargs):
    """Ends the subscriptions in Stripe as soon as the organization is really gone."""
    running = [
        subscription.id
        for customer in Customer.objects.filter(subscriber=instance)
        for subscription in customer.subscriptions.filter(stripe_data__status__in=[*IN_FORCE, PAST_DUE, "unpaid"])
    ]
    for subscription_id in running:
        transaction.on_commit(lambda each=subscription_id: async_task("billing.tasks.end_subscription", each))


def end_subscription(subscription_id: str) -> None:
    """Cancels a subscription in Stripe now. One that is cancelled already is left alone."""
    if not settings.STRIPE_SECRET_KEY:
        return
    client = stripe_api.client()
    if client.v1.subscriptions.retrieve(subscription_id).status != "canceled":
        client.v1.subscriptions.cancel(subscription_id)
