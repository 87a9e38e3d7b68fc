"""How money, days and the use of tokens are written in templates."""

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.glances import SEE_USAGE, glance_of
from organizations.roles import Action

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
def usage_bar(context, of_a_page=False):
    """The organization's tokens as a small bar, for those who may write with AI. A link for those who may see more.

    It keeps itself up to date: a script that has had something written tells the
    document (`content-studio:tokens`), and the bar asks for itself again.
    `of_a_page` leaves it out of what a page loads later, such as a dialogue.
    """
    request = _request(context)
    if of_a_page and request and request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return {}
    glance = request and glance_of(request)
    if not glance:
        return {}
    return {
        "allowance": glance.allowance,
        "percent": min(glance.allowance.percent, 100),
        "ends": date_format(glance.allowance.ends_at.astimezone(request.organization.zone), "j F"),
        "linked": glance.may(SEE_USAGE),
    }


@register.inclusion_tag("billing/banners.html", takes_context=True)
def billing_banners(context):
    """What an Owner or Admin must know about payment and tokens, on whatever page shows it."""
    request = _request(context)
    glance = request and glance_of(request)
    if not glance or not glance.may(SEE_USAGE):
        return {}
    return {
        "standing": glance.standing,
        "allowance": glance.allowance,
        "zone": request.organization.zone,
        "is_owner": glance.may(Action.MANAGE_BILLING),
        "left": max(glance.allowance.limit - glance.allowance.used, 0),
    }


def _request(context):
    # A template included with `only`, as Wagtail's headers are, has no variable of that name.
    return context.get("request") or getattr(context, "request", None)


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
