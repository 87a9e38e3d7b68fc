"""What editors of the public site have timed: pages and reusable sections come and go at their moment."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import Revision

from organizations.models import BasePage

from .models import ReusableSection
from .public import page_types

logger = logging.getLogger(__name__)


def publish_what_is_due() -> int:
    """Publishes and takes off what is due, and says how much. What fails is logged and tried again the next time.

    Wagtail's own `publish_scheduled` stops at the first thing that fails, and would take posts along, which go out by
    the engine alone.
    """
    now = timezone.now()
    steps = [*_goings(now), *_comings(now)]
    return sum(_try(step) for step in steps)


def _goings(now: datetime) -> Iterator[Callable[[], bool]]:
    pages = BasePage.objects.filter(organization__isnull=True).type(*page_types())
    for things in (pages, ReusableSection.objects.all()):
        for pk in things.filter(live=True, expire_at__lte=now).order_by("expire_at").values_list("pk", flat=True):
            yield partial(_take_off, things.filter(pk=pk, live=True, expire_at__lte=now))


def _comings(now: datetime) -> Iterator[Callable[[], bool]]:
    kinds = ContentType.objects.get_for_models(*page_types(), ReusableSection).values()
    due = Revision.objects.filter(content_type__in=kinds, approved_go_live_at__lte=now)
    for pk in due.order_by("approved_go_live_at").values_list("pk", flat=True):
        yield partial(_publish, due.filter(pk=pk))


def _take_off(found) -> bool:
    thing = found.select_for_update(of=("self",), skip_locked=True).first()
    if thing is None:
        return False
    thing = thing.specific if isinstance(thing, BasePage) else thing
    thing.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _publish(found) -> bool:
    revision = found.select_for_update(of=("self",), skip_locked=True).first()
    if revision is None:
        return False
    revision.publish(log_action="wagtail.publish.scheduled")
    return True


def _try(step: Callable[[], bool]) -> bool:
    """Whether it was done, by us; another worker may be at the same thing."""
    try:
        with transaction.atomic():
            return step()
    except Exception:  # whatever it is: the next one is due as well
        logger.exception("Something of the public site that is due could not be published or taken off")
        return False
