"""Mends what has drifted: our copy of Stripe's objects, and counters that do not equal their ledger.

Events can be lost (an endpoint that was down for days, a restored backup).
Everything here asks Stripe for the present state and stores it; running it
twice changes nothing.
"""

from collections.abc import Iterator

import stripe
from django.conf import settings
from django.db.models import Sum
from djstripe.models import Customer, Invoice, Subscription, SubscriptionSchedule

from organizations.models import Organization

from . import plan_changes, quotas, stripe_api
from .models import UsagePeriod
from .subscriptions import id_of


def reconcile() -> Iterator[str]:
    """Mends everything; yields a sentence for each thing that was wrong."""
    if stripe_api.is_configured():
        yield from _find_unknown_customers()
        for customer in Customer.objects.filter(
            livemode=settings.STRIPE_LIVE_MODE, date_purged__isnull=True, subscriber__isnull=False
        ).select_related("subscriber"):
            yield from reconcile_customer(customer)
    if swept := quotas.sweep():
        yield f"Released {swept} reservations that were left behind."
    yield from _compare_ledger()
    if changed := plan_changes.note_all():
        yield f"Noticed {changed} changes of plan."


def reconcile_customer(customer: Customer) -> Iterator[str]:
    """Fetches one customer's subscriptions and open invoices anew."""
    client = stripe_api.client()
    try:
        fetched = client.v1.customers.retrieve(customer.id)
    except stripe.InvalidRequestError as err:
        if err.code != "resource_missing":
            raise
        fetched = None
    if fetched is None or getattr(fetched, "deleted", False):
        yield f"{customer}: the customer {customer.id} is gone from Stripe."
        organization = customer.subscriber
        customer.subscriptions.all().delete()
        Customer.objects.filter(pk=customer.pk).update(subscriber=None)
        plan_changes.note(organization)
        return
    listed = list(
        client.v1.subscriptions.list({"customer": customer.id, "status": "all", "limit": 100}).auto_paging_iter()
    )
    known = {each.id: each for each in customer.subscriptions.all()}
    for subscription in listed:
        before = known.pop(subscription.id, None)
        after = stripe_api.keep(Subscription, subscription)
        if _gist(before) != _gist(after):
            yield f"{customer}: subscription {subscription.id} was {_gist(before)}, is {_gist(after)}."
        yield from _reconcile_schedule(client, customer, id_of(after.stripe_data.get("schedule")))
    for missing in known.values():
        yield f"{customer}: subscription {missing.id} is unknown to Stripe."
        missing.delete()
    stored = dict(customer.invoices.values_list("id", "stripe_data__status"))
    for invoice in client.v1.invoices.list({"customer": customer.id, "limit": 100}).auto_paging_iter():
        if stored.get(invoice.id) != invoice.status:
            stripe_api.keep(Invoice, invoice)
            yield f"{customer}: invoice {invoice.number or invoice.id} is {invoice.status}."
    plan_changes.note(customer.subscriber)


def _reconcile_schedule(client, customer: Customer, schedule_id: str) -> Iterator[str]:
    """What a subscription becomes at the paid period's end, where somebody chose that."""
    if not schedule_id:
        return
    known = SubscriptionSchedule.objects.filter(id=schedule_id)
    before = known.values_list("stripe_data__status", "stripe_data__phases").first()
    stripe_api.keep(SubscriptionSchedule, client.v1.subscription_schedules.retrieve(schedule_id))
    if before != known.values_list("stripe_data__status", "stripe_data__phases").first():
        yield f"{customer}: the planned change {schedule_id} was another, or unknown here."


def _find_unknown_customers() -> Iterator[str]:
    """Customers that were made for an organization here, and are not linked to it."""
    for fetched in stripe_api.client().v1.customers.list({"limit": 100}).auto_paging_iter():
        organization_id = (fetched.to_dict().get("metadata") or {}).get("djstripe_subscriber")
        if not organization_id or Customer.objects.filter(id=fetched.id, subscriber__isnull=False).exists():
            continue
        organization = Organization.objects.filter(pk=organization_id).first()
        if organization is None:
            continue  # deleted here, or another installation's
        customer = stripe_api.keep(Customer, fetched)
        customer.subscriber = organization
        customer.save(update_fields=["subscriber"])
        yield f"{organization}: linked to the customer {fetched.id}."


def _compare_ledger() -> Iterator[str]:
    """The ledger is the truth; a counter that says otherwise was changed by hand."""
    sums = UsagePeriod.objects.annotate(ledger_used=Sum("entries__tokens"), ledger_held=Sum("entries__held"))
    for period in sums.iterator():
        used, held = period.ledger_used or 0, period.ledger_held or 0
        if (period.used, period.reserved) == (used, held):
            continue
        # Only if nobody has spent meanwhile: the sums above and this statement are two looks.
        mended = UsagePeriod.objects.filter(pk=period.pk, used=period.used, reserved=period.reserved).update(
            used=used, reserved=held
        )
        if mended:
            yield (
                f"{period}: the counter said {period.used} used and {period.reserved} reserved, "
                f"the ledger {used} and {held}."
            )


def _gist(subscription) -> str:
    if subscription is None:
        return "unknown here"
    data = subscription.stripe_data
    item = (data.get("items", {}).get("data") or [{}])[0]
    price = item.get("price") or {}
    said = [data["status"], price.get("lookup_key") or price.get("id") or "no price"]
    if data.get("cancel_at"):
        said.append("cancelled")
    return f"{' '.join(said)} until {item.get('current_period_end')}"
