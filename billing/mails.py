"""E-mails about plans, payments and tokens, to an organization's Owners.

They are sent in the background, after the transaction that they tell of. A
person deleted meanwhile, or an organization, gets none.
"""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django_q.tasks import async_task

from organizations import mails
from organizations.models import Organization, Role

from .entitlements import Source, Standing
from .plans import Plan


def recipients_of(organization: Organization) -> list[str]:
    """The billing address and every Owner's, each once."""
    owners = organization.members.filter(memberships__role=Role.OWNER, is_active=True)
    addresses = [organization.email, *owners.order_by("pk").values_list("email", flat=True)]
    return list(dict.fromkeys(filter(None, addresses)))


def tokens_run_low(organization: Organization, *, percent: int, allowance) -> None:
    _queue(
        organization,
        "tokens_run_low",
        percent=percent,
        used=allowance.used,
        limit=allowance.limit,
        left=max(allowance.limit - allowance.used, 0),
        needed=allowance.needed,
        ends=mails.day(organization, allowance.ends_at),
    )


def payment_failed(organization: Organization, invoice: dict) -> None:
    _queue(
        organization,
        "payment_failed",
        number=invoice.get("number") or "",
        amount=_amount(invoice),
        pay_url=invoice.get("hosted_invoice_url") or "",
        grace_days=settings.BILLING_GRACE_DAYS,
    )


def payment_needs_confirmation(organization: Organization, invoice: dict) -> None:
    _queue(
        organization,
        "payment_needs_confirmation",
        number=invoice.get("number") or "",
        amount=_amount(invoice),
        pay_url=invoice.get("hosted_invoice_url") or "",
    )


def trial_ends(organization: Organization) -> None:
    _queue(organization, "trial_ends")


def plan_changed(organization: Organization, before: Plan, standing: Standing) -> None:
    after = standing.plan
    _queue(
        organization,
        "plan_larger" if after.tokens > before.tokens else "plan_smaller",
        before=before.name,
        after=after.name,
        tokens=after.tokens,
        unpaid=standing.unpaid_since is not None and standing.source == Source.FREE,
    )


def _queue(organization: Organization, name: str, **context) -> None:
    transaction.on_commit(lambda: async_task("billing.tasks.send", name, context, str(organization.pk)))


def send_now(name: str, context: dict, organization_id: str) -> int:
    """Sends one of the e-mails in `templates/billing/mail`."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None or not (recipients := recipients_of(organization)):
        return 0
    return mails.send(
        organization,
        f"billing/mail/{name}.txt",
        to=recipients,
        plan_url=settings.BASE_URL + reverse("billing:plan"),
        **context,
    )


def _amount(invoice: dict) -> str:
    return f"{invoice['amount_due'] / 100:,.2f} {invoice['currency'].upper()}"
