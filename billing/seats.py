"""A plan's seats: those who are in an organization, and those who are asked to be."""

from django.dispatch import receiver
from django.utils import timezone

from organizations.signals import person_joining

from .limits import Limit, require_room


@receiver(person_joining)
def require_a_seat(organization, invited, **kwargs) -> None:
    """Raises LimitReached when the plan has no seat left. `invited` is the invitation that keeps one already."""
    waiting = organization.invitations.pending().filter(expires_at__gt=timezone.now())
    if invited is not None:
        waiting = waiting.exclude(pk=invited.pk)
    require_room(organization, Limit.SEATS, used=organization.memberships.count() + waiting.count())
