"""Who did what, when and from where in an organization, read from Wagtail's two logs."""

from dataclasses import dataclass
from datetime import date, datetime, time
from heapq import merge
from itertools import islice
from typing import NamedTuple

from django.db.models import Q
from django.db.models.expressions import RawSQL
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, PageLogEntry

from .models import BasePage
from .policies import STAMP

LOGS = (PageLogEntry, ModelLogEntry)


class Place(NamedTuple):
    """Where an entry stands in the log: entries of one moment go by their log, then by their number."""

    at: datetime
    log: int
    number: int


@dataclass(frozen=True)
class Entry:
    place: Place
    at: datetime
    person: str
    person_id: str
    action: str  # what the code calls it, such as organizations.invite
    did: str
    what: str
    address: str


def entries(
    organization,
    *,
    person=None,
    since: date | datetime | None = None,
    until: date | datetime | None = None,
    action: str = "",
    below: Place | None = None,
    start=0,
    count=50,
):
    """`count` entries of the organization's log, newest first; two queries.

    They begin with the `start`th, or right `below` an entry that was seen. Days
    are those of the organization's zone; `until` is the last day that counts,
    and as a moment the first that does not.
    """
    found = (
        _of(model, organization, person=person, since=since, until=until, action=action, below=below)[: start + count]
        for model in LOGS
    )
    newest = merge(*found, key=_place, reverse=True)
    return [_readable(each) for each in islice(newest, start, start + count)]


def everything(organization, *, at_once=500, **asked):
    """All entries that `entries` would show, newest first, read a few hundred at a time."""
    below = None
    while found := entries(organization, **asked, below=below, count=at_once):
        yield from found
        below = found[-1].place


def actions(organization) -> list[tuple[str, str]]:
    """What was ever done in the organization, with what people call it; two queries."""
    found = {
        action
        for model in LOGS
        for action in _own(model, organization).order_by().values_list("action", flat=True).distinct()
    }
    return sorted(((each, called(each)) for each in found), key=lambda each: each[1].lower())


def called(action: str) -> str:
    """What people call what the code calls `organizations.invite`."""
    return str(registry.get_action_label(action)) if registry.action_exists(action) else action


def _place(entry) -> Place:
    return Place(entry.timestamp, LOGS.index(type(entry)), entry.pk)


def _of(model, organization, *, person, since, until, action, below):
    address = RawSQL(f"coalesce({model._meta.db_table}.studio_address, '')", [])  # noqa: S611  a name of our own
    found = _own(model, organization).annotate(address=address).select_related("user")
    if person:
        found = found.filter(user=person)
    if action:
        found = found.filter(action=action)
    if since:
        found = found.filter(timestamp__gte=_moment(since, time.min, organization))
    if isinstance(until, datetime):
        found = found.filter(timestamp__lt=until)
    elif until:
        found = found.filter(timestamp__lte=_moment(until, time.max, organization))
    if below:
        mine = LOGS.index(model)
        # Of the same moment: all of a log that comes after, and of the same log the smaller numbers.
        rest = Q(pk__isnull=mine > below.log) if mine != below.log else Q(pk__lt=below.number)
        found = found.filter(Q(timestamp__lt=below.at) | Q(timestamp=below.at) & rest)
    return found.order_by("-timestamp", "-pk")


def _own(model, organization):
    """The entries of one log that are the organization's."""
    found = model.objects.annotate(stamped=RawSQL(f"{model._meta.db_table}.{STAMP}", []))  # noqa: S611  as above
    own = Q(stamped=organization.pk)
    if model is PageLogEntry:
        # Entries of work in the background carry no stamp, but their page says whose they are.
        # By a subquery: a join would lose the entries of pages that are gone.
        own |= Q(page_id__in=BasePage.objects.filter(organization=organization).values("pk"))
    return found.filter(own)


def _moment(day: date | datetime, at: time, organization) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, at, tzinfo=organization.zone)


def _readable(entry) -> Entry:
    return Entry(
        place=_place(entry),
        at=entry.timestamp,
        person=str(entry.user) if entry.user_id else "",
        person_id=str(entry.user_id) if entry.user_id else "",
        action=entry.action,
        did=called(entry.action),
        what=f"{entry.label}: {entry.message}" if entry.message and entry.message != entry.action else entry.label,
        address=entry.address,
    )
