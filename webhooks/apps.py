from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = "Webhooks"

    def ready(self):
        from organizations import recurring

        recurring.plan(self, deliver=1, tidy=recurring.DAY)
