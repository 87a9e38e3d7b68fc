"""Brings Stripe's products, prices, portal and webhook endpoint in line with `billing.plans`.

Everything is found again by what it is called (a price by its lookup key, the
rest by metadata), so that running it twice changes nothing. A price's amount
cannot be changed in Stripe: a new price takes the lookup key over, the old one
is archived, and whoever subscribed to it keeps it.
"""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from djstripe.models import Price as StoredPrice
from djstripe.models import Product as StoredProduct
from djstripe.models import WebhookEndpoint

from . import stripe_api
from .plans import FREE, PLANS, Plan
from .subscriptions import METADATA_KEY

EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "customer.updated",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "subscription_schedule.created",
    "subscription_schedule.updated",
    "subscription_schedule.released",
    "subscription_schedule.canceled",
    "subscription_schedule.completed",
    "subscription_schedule.aborted",
    "invoice.created",
    "invoice.finalized",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "payment_method.attached",
    "price.created",
    "price.updated",
    "product.created",
    "product.updated",
]
INTERVALS = {"month": "monthly", "year": "yearly"}
MARK = "content_studio"  # metadata key of the portal configuration and the webhook endpoint


def paid_plans() -> list[Plan]:
    """The plans that cost something, cheapest first."""
    return [plan for plan in PLANS.values() if plan is not FREE]


def lookup_key(plan: Plan, interval: str) -> str:
    """What a plan's price for `interval` ("month" or "year") is called in Stripe."""
    return f"content_studio_{plan.key}_{INTERVALS[interval]}"


def cents(plan: Plan, interval: str) -> int:
    return plan.monthly_cents if interval == "month" else plan.yearly_cents


def price_of(plan: Plan, *, yearly: bool) -> StoredPrice | None:
    """dj-stripe's copy of the price that is now sold for a plan."""
    key = lookup_key(plan, "year" if yearly else "month")
    return StoredPrice.objects.filter(stripe_data__lookup_key=key, active=True).order_by("-created").first()


def plans_as_sold() -> list[Plan]:
    """Every plan at the prices that Stripe charges now; at the catalogue's where Stripe has none. One query.

    The two differ between a change of the catalogue and the next `sync`, and
    after somebody changed a price in Stripe: then what is shown is what is charged.
    """
    keys = [lookup_key(plan, interval) for plan in paid_plans() for interval in INTERVALS]
    stored = StoredPrice.objects.filter(active=True, stripe_data__lookup_key__in=keys, stripe_data__currency="usd")
    sold = {price.stripe_data["lookup_key"]: price.stripe_data["unit_amount"] for price in stored.order_by("created")}

    def charged(plan: Plan, interval: str) -> int:
        amount = sold.get(lookup_key(plan, interval))
        return cents(plan, interval) if amount is None else amount

    return [
        replace(plan, monthly_cents=charged(plan, "month"), yearly_cents=charged(plan, "year"))
        for plan in PLANS.values()
    ]


def missing() -> list[str]:
    """What `sync` has still to make, as far as it shows here: prices by their lookup keys, the webhook's address."""
    keys = [lookup_key(plan, interval) for plan in paid_plans() for interval in INTERVALS]
    known = StoredPrice.objects.filter(active=True, stripe_data__lookup_key__in=keys)
    found = set(known.values_list("stripe_data__lookup_key", flat=True))
    endpoint = WebhookEndpoint.objects.filter(livemode=settings.STRIPE_LIVE_MODE).first()
    there = endpoint is not None and endpoint.url == _webhook_url(endpoint.djstripe_uuid)
    return [key for key in keys if key not in found] + ([] if there else ["the webhook's address"])


def sync() -> Iterator[str]:
    """Makes Stripe agree with the catalogue; yields a sentence for each thing that it made or changed."""
    client = stripe_api.client()
    products = {
        _metadata(product).get(METADATA_KEY): product
        for product in client.v1.products.list({"active": True, "limit": 100}).auto_paging_iter()
    }
    for plan in paid_plans():
        yield from _sync_product(client, plan, products.get(plan.key))
    yield from _sync_portal(client)
    yield from _sync_webhook(client)


def _sync_product(client, plan: Plan, product) -> Iterator[str]:
    wanted = {
        "name": f"{settings.PRODUCT_NAME} {plan.name}",
        "description": f"{plan.tokens:,} tokens a month",
        "metadata": {METADATA_KEY: plan.key},
    }
    if product is None:
        product = client.v1.products.create(wanted)
        yield f"Made the product {wanted['name']}."
    elif (product.name, product.description) != (wanted["name"], wanted["description"]):
        product = client.v1.products.update(product.id, wanted)
        yield f"Renamed the product {wanted['name']}."
    stripe_api.keep(StoredProduct, product)
    on_sale = list(client.v1.prices.list({"product": product.id, "active": True, "limit": 100}).auto_paging_iter())
    for interval in INTERVALS:
        yield from _sync_price(client, plan, interval, product, on_sale)


def _sync_price(client, plan: Plan, interval: str, product, on_sale: list) -> Iterator[str]:
    """Lets `lookup_key` lead to a price of the right amount, and archives those among `on_sale` that it led to before.

    Stripe moves the key in the same call that makes the new price, so a run that
    breaks off afterwards leaves a price that is active without a key: the next one
    knows it by its nickname and metadata. Prices that somebody else made stay.
    """
    key = lookup_key(plan, interval)
    found = client.v1.prices.list({"lookup_keys": [key], "active": True}).data
    price = found[0] if found else None
    nickname = f"{plan.name}, {INTERVALS[interval]}"
    if price is None or price.unit_amount != cents(plan, interval) or price.currency != "usd":
        price = client.v1.prices.create(
            {
                "product": product.id,
                "currency": "usd",
                "unit_amount": cents(plan, interval),
                "recurring": {"interval": interval},
                "lookup_key": key,
                "transfer_lookup_key": True,
                "nickname": nickname,
                "tax_behavior": "exclusive",
                "metadata": {METADATA_KEY: plan.key},
            }
        )
        yield f"Made the price {key}: ${cents(plan, interval) / 100:,.2f} a {interval}."
    for each in on_sale:
        ours = each.nickname == nickname and _metadata(each).get(METADATA_KEY) == plan.key
        if ours and each.id != price.id:
            stripe_api.keep(StoredPrice, client.v1.prices.update(each.id, {"active": False}))
            yield f"Archived the price that {key} had before; whoever subscribed to it keeps it."
    stripe_api.keep(StoredPrice, price)


def _sync_portal(client) -> Iterator[str]:
    """What customers may do in Stripe's portal.

    A larger plan begins at once and starts a new period with its whole allowance;
    what was left of the old one is credited in money. A smaller plan, or paying
    by the month again, begins when the paid period ends. So does the end of a
    cancelled plan.
    """
    offered = [
        {"product": prices[0].product.id, "prices": [price.id for price in prices]}
        for prices in (
            [price for price in (price_of(plan, yearly=False), price_of(plan, yearly=True)) if price]
            for plan in paid_plans()
        )
    ]
    wanted = {
        "business_profile": {"headline": settings.PRODUCT_NAME},
        "default_return_url": settings.BASE_URL + reverse("billing:plan"),
        "features": {
            "customer_update": {"enabled": True, "allowed_updates": ["email", "name", "address", "tax_id"]},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            "subscription_update": {
                "enabled": True,
                "default_allowed_updates": ["price"],
                "products": offered,
                "proration_behavior": "always_invoice",
                "billing_cycle_anchor": "now",
                "schedule_at_period_end": {
                    "conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
                },
            },
        },
    }
    found = find_portal_configuration(client)
    if found is None:
        client.v1.billing_portal.configurations.create({**wanted, "metadata": {MARK: "portal"}})
        yield "Made the portal's configuration."
    elif not _agrees(wanted, found.to_dict()):
        client.v1.billing_portal.configurations.update(found.id, wanted)
        yield "Changed the portal's configuration."


def find_portal_configuration(client):
    """The portal's configuration that `sync` made, as Stripe has it; none before the first `sync`."""
    for each in client.v1.billing_portal.configurations.list({"active": True, "limit": 100}).auto_paging_iter():
        if _metadata(each).get(MARK) == "portal":
            return each
    return None


def _metadata(answer) -> dict[str, str]:
    """The metadata of something that Stripe answered, as a plain dictionary."""
    return answer.to_dict().get("metadata") or {}


def _agrees(wanted, found) -> bool:
    """True if everything in `wanted` is so in `found`, which may say more."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_agrees(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(_agrees(each, other) for other in found) for each in wanted)
        )
    return wanted == found


def _sync_webhook(client) -> Iterator[str]:
    """The endpoint that Stripe sends its news to, at a path that nobody can guess."""
    known = WebhookEndpoint.objects.filter(livemode=settings.STRIPE_LIVE_MODE).first()
    if settings.STRIPE_WEBHOOK_SECRET:
        yield from _keep_own_endpoint(known)
        return
    listed = {each.id: each for each in client.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter()}
    endpoint = known and listed.get(known.id)
    if endpoint is None:
        uuid = uuid4()
        endpoint = client.v1.webhook_endpoints.create(
            {
                "url": _webhook_url(uuid),
                "enabled_events": EVENTS,
                "description": settings.PRODUCT_NAME,
                "api_version": stripe_api.djstripe_settings.STRIPE_API_VERSION,
                "metadata": {"djstripe_uuid": str(uuid), MARK: "webhook"},
            }
        )
        if known:
            known.delete()
        stripe_api.keep(WebhookEndpoint, endpoint)
        yield "Made the webhook endpoint."
    elif endpoint.url != _webhook_url(known.djstripe_uuid) or set(endpoint.enabled_events) != set(EVENTS):
        endpoint = client.v1.webhook_endpoints.update(
            endpoint.id, {"url": _webhook_url(known.djstripe_uuid), "enabled_events": EVENTS}
        )
        stripe_api.keep(WebhookEndpoint, endpoint)
        yield "Changed the webhook endpoint."
    # Its secret is told once: one that was made by a run that broke off before it was kept is of no use to anybody.
    for each in listed.values():
        mine = _metadata(each).get(MARK) == "webhook" and each.url.startswith(settings.BASE_URL + "/")
        if mine and each.id != endpoint.id:
            client.v1.webhook_endpoints.delete(each.id)
            yield "Removed a webhook endpoint whose secret is not known here."


def _keep_own_endpoint(known) -> Iterator[str]:
    """An endpoint that was made by hand: only its secret is known here."""
    if known and known.secret == settings.STRIPE_WEBHOOK_SECRET:
        return
    uuid = known.djstripe_uuid if known else uuid4()
    WebhookEndpoint.objects.update_or_create(
        djstripe_uuid=uuid,
        defaults={
            "id": known.id if known else f"we_by_hand_{uuid.hex}",
            "secret": settings.STRIPE_WEBHOOK_SECRET,
            "livemode": settings.STRIPE_LIVE_MODE,
            "url": _webhook_url(uuid),
            "enabled_events": EVENTS,
            "status": "enabled",
        },
    )
    yield f"Keeping the secret of your own webhook endpoint. Let Stripe send its events to {_webhook_url(uuid)}"


def _webhook_url(uuid) -> str:
    return settings.BASE_URL + reverse("djstripe:djstripe_webhook_by_uuid", kwargs={"uuid": uuid})
