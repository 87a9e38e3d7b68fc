"""Who did what, when and from where in an organization, read from Wagtail's two logs."""

from dataclasses import dataclass
from datetime import date, datetime, time
from heapq import merge
from itertools import islice

from django.db.models import Q
from django.db.models.expressions import RawSQL
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, PageLogEntry

from .models import BasePage
from .policies import STAMP


@dataclass(frozen=True)
class Entry:
    at: datetime
    person: str
    did: str
    what: str
    address: str


def entries(organization, *, person=None, since: date | None = None, until: date | None = None, start=0, count=50):
    """`count` entries of the organization's log, newest first, from the `start`th on; two queries."""
    newest = merge(
        *(
            _of(model, organization, person=person, since=since, until=until)[: start + count]
            for model in (ModelLogEntry, PageLogEntry)
        ),
        key=lambda entry: entry.timestamp,
        reverse=True,
    )
    return [_readable(each) for each in islice(newest, start, start + count)]


def _of(model, organization, *, person, since, until):
    table = model._meta.db_table
    found = model.objects.annotate(
        stamped=RawSQL(f"{table}.{STAMP}", []),  # noqa: S611  names of our own
        address=RawSQL(f"coalesce({table}.studio_address, '')", []),  # noqa: S611
    ).select_related("user")
    own = Q(stamped=organization.pk)
    if model is PageLogEntry:
        # Entries of work in the background carry no stamp, but their page says whose they are.
        # By a subquery: a join would lose the entries of pages that are gone.
        own |= Q(page_id__in=BasePage.objects.filter(organization=organization).values("pk"))
    found = found.filter(own)
    if person:
        found = found.filter(user=person)
    if since:
        found = found.filter(timestamp__gte=datetime.combine(since, time.min, tzinfo=organization.zone))
    if until:
        found = found.filter(timestamp__lte=datetime.combine(until, time.max, tzinfo=organization.zone))
    return found.order_by("-timestamp")


def _readable(entry) -> Entry:
    return Entry(
        at=entry.timestamp,
        person=str(entry.user) if entry.user_id else "",
        did=str(registry.get_action_label(entry.action)) if registry.action_exists(entry.action) else entry.action,
        what=f"{entry.label}: {entry.message}" if entry.message and entry.message != entry.action else entry.label,
        address=entry.address,
    )
