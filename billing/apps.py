from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self):
        from . import checks, closing, event_handlers, seats  # noqa: F401

        post_migrate.connect(plan_tasks, sender=self)


def plan_tasks(**kwargs):
    """Plans the recurring tasks of this app, once each."""
    from django_q.models import Schedule

    for name, minutes in (("sweep", 5), ("look_at_plans", 60), ("reconcile", 24 * 60)):
        Schedule.objects.get_or_create(
            name=f"billing.{name}",
            defaults={"func": f"billing.tasks.{name}", "schedule_type": Schedule.MINUTES, "minutes": minutes},
        )
