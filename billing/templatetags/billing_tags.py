"""How money, days and the use of tokens are written in templates."""

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing import quotas
from billing.entitlements import standing_of
from billing.views import SEE_USAGE
from organizations.roles import Action, may

register = template.Library()


@register.filter
def dollars(cents) -> str:
    """Cents as dollars: without decimals where they are zero."""
    amount = (cents or 0) / 100
    return f"${amount:,.0f}" if amount == int(amount) else f"${amount:,.2f}"


@register.filter
def day(moment, zone) -> str:
    """A moment's day in an organization's time zone, such as 1 March 2026."""
    return date_format(moment.astimezone(zone), "j F Y") if moment else ""


@register.filter
def level(percent) -> str:
    """How much somebody should care: `calm`, `near` from 80 %, `full` from 100 %."""
    return "full" if percent >= 100 else "near" if percent >= 80 else "calm"


@register.inclusion_tag("billing/usage_bar.html", takes_context=True)
def usage_bar(context):
    """The organization's tokens as a small bar, for those who may write with AI. A link for those who may see more.

    Costs four queries, so put it where a page shows it once.
    """
    request = context["request"]
    organization = getattr(request, "organization", None)
    if organization is None or not may(request.user, Action.GENERATE, organization=organization):
        return {}
    allowance = quotas.remaining(organization)
    return {
        "allowance": allowance,
        "percent": min(allowance.percent, 100),
        "ends": date_format(allowance.ends_at.astimezone(organization.zone), "j F"),
        "linked": may(request.user, SEE_USAGE, organization=organization),
    }


@register.inclusion_tag("billing/banners.html", takes_context=True)
def billing_banners(context):
    """What an Owner or Admin must know about payment and tokens, on whatever page shows it."""
    request = context["request"]
    organization = getattr(request, "organization", None)
    if organization is None or not may(request.user, SEE_USAGE, organization=organization):
        return {}
    standing = standing_of(organization)
    allowance = quotas.remaining(organization)
    return {
        "standing": standing,
        "allowance": allowance,
        "zone": organization.zone,
        "is_owner": may(request.user, Action.MANAGE_BILLING, organization=organization),
        "full": allowance.remaining == 0,
        "near": allowance.percent >= 80,
    }


@register.filter
def invoice_state(status) -> str:
    """Stripe's word for an invoice's state in the product's."""
    return {
        "paid": _("Paid"),
        "open": _("Open"),
        "void": _("Void"),
        "uncollectible": _("Given up"),
        "draft": _("Being prepared"),
    }.get(status, status)
