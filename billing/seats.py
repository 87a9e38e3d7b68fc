"""A plan's seats: those who are in an organization and those who are asked to be, and who may use theirs.

Whoever has no seat stays in the organization and reads, as a Viewer does. That
is written down (`WithoutSeat`) when it may have changed, because a role is
asked for many times in a request.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from organizations.models import Membership, Organization, Role
from organizations.roles import reads_only_if
from organizations.signals import person_joining
from organizations.walls import outside_walls

from .limits import Limit, require_room
from .models import WithoutSeat
from .read_only import Item, Resource, register, room_of


def people(organization: Organization) -> list[Item]:
    """Everybody who belongs to the organization, in the order in which they came. Owners always keep their seat."""
    return [
        Item(
            id=str(membership.pk),
            name=str(membership.user),
            note=membership.get_role_display(),
            fixed=membership.role == Role.OWNER,
        )
        for membership in organization.memberships.select_related("user").order_by("created_at", "pk")
    ]


@receiver(person_joining)
def require_a_seat(organization, invited, **kwargs) -> None:
    """Raises LimitReached when the plan has no seat left. `invited` is the invitation that keeps one already."""
    waiting = organization.invitations.pending().filter(expires_at__gt=timezone.now())
    if invited is not None:
        waiting = waiting.exclude(pk=invited.pk)
    require_room(organization, Limit.SEATS, used=organization.memberships.count() + waiting.count())


def refresh(organization: Organization) -> None:
    """Takes seats away, or gives them back, so that as many people write as the plan has room for."""
    with outside_walls(organization), transaction.atomic():
        without = {item.id for item in room_of(organization, Limit.SEATS).read_only}
        before = {
            str(each.membership_id): each
            for each in WithoutSeat.objects.filter(membership__organization=organization).select_for_update()
        }
        if before.keys() == without:
            return
        WithoutSeat.objects.filter(membership_id__in=before.keys() - without).delete()
        WithoutSeat.objects.bulk_create(
            [WithoutSeat(membership_id=each) for each in without - before.keys()], ignore_conflicts=True
        )
        for membership in organization.memberships.filter(pk__in=before.keys() ^ without):
            _put_into_group(membership, without)


def _put_into_group(membership: Membership, without: set[str]) -> None:
    """Wagtail asks groups: whoever has no seat is in the Viewers'."""
    role = Role.VIEWER if str(membership.pk) in without else membership.role
    groups = {group.role: group.group_id for group in membership.organization.role_groups.all()}
    membership.user.groups.remove(*(pk for each, pk in groups.items() if each != role))
    if role in groups:
        membership.user.groups.add(groups[role])


@receiver(post_save, sender=Membership)
@receiver(post_delete, sender=Membership)
def people_changed(sender, instance, **kwargs):
    """Somebody came, left or has another role: after that is stored, seats are given anew."""
    transaction.on_commit(lambda: _refresh_if_there(instance.organization_id))


def _refresh_if_there(organization_id) -> None:
    with outside_walls():
        organization = Organization.objects.filter(pk=organization_id).first()
    if organization:
        refresh(organization)


def how_many(organizations: Collection[Organization]) -> dict[UUID, int]:
    """How many people each organization has."""
    rows = Membership.objects.filter(organization__in=organizations).order_by().values_list("organization")
    return dict(rows.annotate(Count("pk")))


register(Resource(limit=Limit.SEATS, items=people, counts=how_many, changed=refresh))
reads_only_if(Exists(WithoutSeat.objects.filter(membership=OuterRef("pk"))))
