from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PublishingConfig(AppConfig):
    name = "publishing"
    verbose_name = "Publishing"

    def ready(self):
        from django_q.signals import post_spawn

        from . import room  # noqa: F401  (says how channels count against the plan)
        from .dispatching import start_in_worker

        post_spawn.connect(start_in_worker, dispatch_uid="publishing")
        post_migrate.connect(plan_tasks, sender=self)


def plan_tasks(**kwargs):
    """Plans the recurring tasks of this app, once each."""
    from django_q.models import Schedule

    for name, minutes in (("follow_zone_rules", 60), ("tidy", 60 * 24)):
        Schedule.objects.get_or_create(
            name=f"publishing.{name}",
            defaults={
                "func": f"publishing.tasks.{name}",
                "schedule_type": Schedule.MINUTES,
                "minutes": minutes,
            },
        )
