"""Sends an Owner to Stripe's own pages: to subscribe, to change or cancel, to see invoices."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from djstripe.models import Customer, Subscription, SubscriptionSchedule
from wagtail.log_actions import log

from organizations.models import Organization
from organizations.problems import Conflict, NotFound
from organizations.roles import Action, require
from organizations.walls import outside_walls

from . import catalogue, stripe_api
from .plans import FREE, PLANS
from .subscriptions import planned_change, terms_of


def choose_plan(organization: Organization, *, plan: str, yearly: bool, user) -> str:
    """Where to send an Owner who wants `plan`: Stripe's checkout, or the portal's confirmation of a change."""
    require(user, Action.MANAGE_BILLING, organization=organization)
    wanted = PLANS.get(plan)
    if wanted is None or wanted is FREE:
        raise NotFound(_("There is no such plan to buy. To go back to Free, cancel the plan in the billing portal."))
    client = stripe_api.client()
    price = catalogue.price_of(wanted, yearly=yearly)
    if price is None:
        raise Conflict(
            _(
                "This plan cannot be bought yet: its price is missing in Stripe. Whoever runs this installation has to "
                "run “manage.py billing_sync”."
            )
        )
    current = next((terms for terms in terms_of(organization)), None)
    with stripe_api.explained(), outside_walls(organization):
        if current is None:
            return _checkout(client, organization, price, user)
        if current.price_id == price.id and not current.ends_at:
            raise Conflict(_("You are on this plan already."))
        if planned := planned_change(current.schedule_id, timezone.now()):
            # Stripe would queue one change behind the other, and charge for both.
            raise Conflict(
                _(
                    "A change to the %(planned)s plan is planned already. Take it back under Plan & usage (“Keep "
                    "%(current)s”), then choose again."
                )
                % {"planned": planned.plan.name, "current": current.plan.name}
            )
        return _portal(client, organization, current, price)


def keep_plan(organization: Organization, *, user) -> None:
    """Takes back what was chosen for the paid period's end, a smaller plan or none: the one that holds goes on."""
    require(user, Action.MANAGE_BILLING, organization=organization)
    client = stripe_api.client()
    current = next((terms for terms in terms_of(organization) if terms.holds_at(timezone.now())), None)
    planned = current and planned_change(current.schedule_id, timezone.now())
    if current is None or not (planned or current.ends_at):
        raise Conflict(_("No change of the plan is planned."))
    with stripe_api.explained(), outside_walls(organization):
        if planned:
            released = client.v1.subscription_schedules.release(planned.schedule_id)
            stripe_api.keep(SubscriptionSchedule, released)
        if current.ends_at:
            client.v1.subscriptions.update(current.id, {"cancel_at_period_end": False})
        stripe_api.keep(Subscription, client.v1.subscriptions.retrieve(current.id))
        log(instance=organization, action="billing.plan_kept", user=user, data={"plan": current.plan.name})


def open_portal(organization: Organization, *, user, cancel: bool = False) -> str:
    """Where an Owner changes the payment method, sees invoices, changes or cancels the plan."""
    require(user, Action.MANAGE_BILLING, organization=organization)
    client = stripe_api.client()
    if not Customer.objects.filter(subscriber=organization, livemode=settings.STRIPE_LIVE_MODE).exists():
        raise Conflict(_("There is nothing to manage yet: choose a plan first."))
    current = next((terms for terms in terms_of(organization)), None)
    with stripe_api.explained(), outside_walls(organization):
        return _portal(client, organization, current, None, cancel=cancel and current is not None)


def customer_of(organization: Organization, *, user=None) -> Customer:
    """The organization's customer in Stripe; made when first needed, once."""
    with transaction.atomic():
        Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization.pk)
        customer = Customer.objects.filter(
            subscriber=organization, livemode=settings.STRIPE_LIVE_MODE, date_purged__isnull=True
        ).first()
        if customer:
            return customer
        made = stripe_api.client().v1.customers.create(
            {
                "name": organization.name,
                "email": organization.email or (user.email if user else ""),
                "metadata": {"djstripe_subscriber": str(organization.pk)},
            }
        )
        customer = stripe_api.keep(Customer, made)
        customer.subscriber = organization
        customer.save(update_fields=["subscriber"])
        return customer


def _checkout(client, organization: Organization, price, user) -> str:
    customer = customer_of(organization, user=user)
    plan_url = settings.BASE_URL + reverse("billing:plan")
    subscription_data: dict = {"metadata": {"organization": str(organization.pk)}}
    if settings.BILLING_TRIAL_DAYS and not customer.subscriptions.exists():
        subscription_data["trial_period_days"] = settings.BILLING_TRIAL_DAYS
    wanted = {
        "mode": "subscription",
        "customer": customer.id,
        "client_reference_id": str(organization.pk),
        "line_items": [{"price": price.id, "quantity": 1}],
        "subscription_data": subscription_data,
        "success_url": settings.BASE_URL + reverse("billing:returned") + "?session={CHECKOUT_SESSION_ID}",
        "cancel_url": plan_url,
        "billing_address_collection": "auto",
        "locale": "auto",
        "metadata": {"organization": str(organization.pk)},
    }
    if settings.BILLING_PROMOTION_CODES:
        wanted["allow_promotion_codes"] = True
    if settings.BILLING_AUTOMATIC_TAX:
        wanted["automatic_tax"] = {"enabled": True}
        wanted["tax_id_collection"] = {"enabled": True}
        wanted["customer_update"] = {"address": "auto", "name": "auto"}
    for earlier in client.v1.checkout.sessions.list({"customer": customer.id, "status": "open"}).auto_paging_iter():
        client.v1.checkout.sessions.expire(earlier.id)  # two pages must not both be paid
    return client.v1.checkout.sessions.create(wanted).url


def _portal(client, organization: Organization, current, price, *, cancel: bool = False) -> str:
    configuration = catalogue.find_portal_configuration(client)
    wanted = {
        "customer": customer_of(organization).id,
        "return_url": settings.BASE_URL + reverse("billing:plan"),
    }
    if configuration:
        wanted["configuration"] = configuration.id
    done = {"type": "redirect", "redirect": {"return_url": settings.BASE_URL + reverse("billing:returned")}}
    if price is not None:
        item = client.v1.subscriptions.retrieve(current.id)["items"]["data"][0]
        wanted["flow_data"] = {
            "type": "subscription_update_confirm",
            "subscription_update_confirm": {
                "subscription": current.id,
                "items": [{"id": item["id"], "price": price.id, "quantity": 1}],
            },
            "after_completion": done,
        }
    elif cancel:
        wanted["flow_data"] = {
            "type": "subscription_cancel",
            "subscription_cancel": {"subscription": current.id},
            "after_completion": done,
        }
    return client.v1.billing_portal.sessions.create(wanted).url
