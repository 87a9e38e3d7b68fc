from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"
    verbose_name = "Publishing"

    def ready(self):
        from django_q.signals import post_spawn

        from organizations import recurring

        from . import checks, closing  # noqa: F401  checks register themselves, and closing answers signals from below
        from .dispatching import start_in_worker

        post_spawn.connect(start_in_worker, dispatch_uid="publishing")
        recurring.plan(self, follow_zone_rules=recurring.HOUR, keep_authorized=recurring.HOUR, tidy=recurring.DAY)
