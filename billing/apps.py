from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self):
        from organizations import recurring

        from . import checks, closing, event_handlers, seats, stripe_secrets  # noqa: F401

        stripe_secrets.keep_out_of_the_database()
        recurring.plan(self, sweep=5, look_at_plans=recurring.HOUR, reconcile=recurring.DAY)
