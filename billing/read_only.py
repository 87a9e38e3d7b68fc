"""What happens to more than a plan has room for: nothing is deleted, what is over can be read but not used.

The app that owns a thing says here how it is listed; this module says which
of the things may be used. Without a choice of an Owner those that were there
first stay in use. It is worked out anew each time, so it is right at any
moment: after an upgrade everything is in use again by itself.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from organizations.models import Organization
from organizations.roles import Action, require

from .entitlements import plan_of
from .limits import Limit
from .models import KeptItem
from .problems import LimitReached


@dataclass(frozen=True)
class Item:
    """One thing that is counted. `fixed` ones always stay in use."""

    id: str
    name: str
    note: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Resource:
    """How an app lists what is counted against `limit`, oldest first; or only counts what needs no choice."""

    limit: Limit
    items: Callable[[Organization], Iterable[Item]] = lambda organization: ()
    count: Callable[[Organization], int] | None = None
    counts: Callable[[Collection[Organization]], Mapping[UUID, int]] = lambda organizations: {}  # of many, in one query
    changed: Callable[[Organization], None] = lambda organization: None  # told after a choice


@dataclass(frozen=True)
class Room:
    """How an organization stands against one limit."""

    limit: Limit
    allowed: int | None
    items: list[Item] = field(default_factory=list)
    used_ids: frozenset[str] = frozenset()
    counted: int | None = None  # where there is a count and no list

    @property
    def used(self) -> int:
        return len(self.items) if self.counted is None else self.counted

    @property
    def over(self) -> int:
        """How many there are more than the plan has room for."""
        return max(self.used - self.allowed, 0) if self.allowed is not None else 0

    @property
    def read_only(self) -> list[Item]:
        return [item for item in self.items if item.id not in self.used_ids]

    @property
    def percent(self) -> int:
        return min(self.used * 100 // self.allowed, 100) if self.allowed else 0


_resources: dict[Limit, Resource] = {}


def register(resource: Resource) -> None:
    """Called by the app that owns the things, when it is ready."""
    _resources[resource.limit] = resource


def rooms_of(organization: Organization) -> list[Room]:
    """How the organization stands against every limit whose things can be listed."""
    return [room_of(organization, limit) for limit in Limit if limit in _resources]


def room_of(organization: Organization, limit: Limit) -> Room:
    """How the organization stands against one limit, and which of its things may be used."""
    allowed = getattr(plan_of(organization), limit.value)
    resource = _resources[limit]
    if resource.count:
        return Room(limit, allowed, counted=resource.count(organization))
    items = list(resource.items(organization))
    if allowed is None or len(items) <= allowed:
        return Room(limit, allowed, items, frozenset(item.id for item in items))
    kept = set(KeptItem.objects.filter(organization=organization, limit=limit).values_list("item_id", flat=True))
    ranked = sorted(items, key=lambda item: (not item.fixed, item.id not in kept))  # stable: oldest first within
    return Room(limit, allowed, items, frozenset(item.id for item in ranked[:allowed]))


def counts_of(organizations: Collection[Organization]) -> dict[Limit, Mapping[UUID, int]]:
    """How many of everything each organization has, in one query a limit; organizations without any may be missing."""
    return {limit: _resources[limit].counts(organizations) for limit in Limit if limit in _resources}


def is_usable(organization: Organization, limit: Limit, item_id) -> bool:
    """False for a thing that the plan has no room for."""
    room = room_of(organization, limit)
    return str(item_id) in room.used_ids or str(item_id) not in {item.id for item in room.items}


def require_usable(organization: Organization, limit: Limit, item_ids: Iterable) -> None:
    """Raises LimitReached, naming the things, unless the plan has room for all of them."""
    room = room_of(organization, limit)
    wanted = {str(item_id) for item_id in item_ids}
    refused = [item.name for item in room.read_only if item.id in wanted]
    if refused:
        raise LimitReached(
            _(
                "%(names)s can be read but not used: the %(plan)s plan has room for %(allowed)d. An Owner can choose "
                "which stay in use, or a larger plan, under Plan & usage."
            )
            % {"names": ", ".join(refused), "plan": plan_of(organization).name, "allowed": room.allowed},
            limit=limit.value,
            allowed=room.allowed,
            used=room.used,
        )


def keep(organization: Organization, limit: Limit, item_ids: Iterable[str], *, user) -> None:
    """An Owner's choice of what stays in use. Raises LimitReached where it is more than the plan has room for."""
    require(user, Action.MANAGE_BILLING, organization=organization)
    room = room_of(organization, limit)
    known = {item.id for item in room.items}
    chosen = ({str(each) for each in item_ids} & known) | {item.id for item in room.items if item.fixed}
    if room.allowed is not None and len(chosen) > room.allowed:
        raise LimitReached(
            _("You chose %(chosen)d, and the plan has room for %(allowed)d. Take some out.")
            % {"chosen": len(chosen), "allowed": room.allowed},
            limit=limit.value,
            allowed=room.allowed,
            used=len(chosen),
        )
    with transaction.atomic():
        KeptItem.objects.filter(organization=organization, limit=limit).delete()
        KeptItem.objects.bulk_create(
            KeptItem(organization=organization, limit=limit, item_id=each, chosen_by=user) for each in sorted(chosen)
        )
        log(
            instance=organization,
            action="billing.kept",
            user=user,
            data={"what": str(limit.label), "names": [item.name for item in room.items if item.id in chosen]},
        )
    _resources[limit].changed(organization)
