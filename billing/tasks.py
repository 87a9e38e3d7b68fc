"""Entry points of the background work."""

from . import closing, mails, plan_changes, quotas, reconciling, throttles


def end_subscription(subscription_id):
    return closing.end_subscription(subscription_id)


def send(name, context, organization_id):
    return mails.send_now(name, context, organization_id)


def sweep():
    """Every few minutes: what processes that died have left behind."""
    throttles.sweep()
    return quotas.sweep()


def look_at_plans():
    """Every hour: grants that ran out and grace periods that are over."""
    return plan_changes.note_all()


def reconcile():
    """Every day: news from Stripe that never came."""
    return list(reconciling.reconcile())
