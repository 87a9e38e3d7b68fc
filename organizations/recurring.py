"""Work that returns by the clock: each app says which of its tasks, and how often."""

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate

HOUR = 60
DAY = 24 * HOUR


def plan(app: AppConfig, **minutes_of: int) -> None:
    """Has django-q2 run `<app>.tasks.<name>` every so many minutes, from the next `migrate` on."""
    # A strong reference: the signal itself would keep none.
    post_migrate.connect(partial(_plan, minutes_of), sender=app, weak=False, dispatch_uid=f"recurring {app.name}")


def _plan(minutes_of: dict[str, int], sender: AppConfig, **kwargs) -> None:
    from django_q.models import Schedule

    for name, minutes in minutes_of.items():
        Schedule.objects.update_or_create(
            name=f"{sender.name}.{name}",
            defaults={
                "func": f"{sender.name}.tasks.{name}",
                "schedule_type": Schedule.MINUTES,
                "minutes": minutes,
            },
        )
