"""An organization that is deleted publishes nothing more."""

from django.dispatch import receiver
from django.utils.translation import gettext as _

from organizations.signals import organization_deleted, organization_restored

from .models import Delivery, PublishingPolicy
from .scheduling import cancel_waiting
from .suspending import Missed, resume_publishing, suspend_publishing


@receiver(organization_deleted)
def stop_publishing(organization, user, **kwargs) -> None:
    """Calls off what has not left yet. What is being sent at this moment, and fails, is not tried again."""
    suspend_publishing(organization, user=user, reason=_("The organization was deleted."))
    cancel_waiting(Delivery.objects.for_organization(organization))


@receiver(organization_restored)
def publish_again(organization, user, deleted_at, **kwargs) -> None:
    """Nothing leaves by itself that was planned before; what somebody had suspended already stays suspended."""
    policy = PublishingPolicy.of(organization)
    if policy.suspended_at and policy.suspended_at >= deleted_at:
        cancel_waiting(Delivery.objects.for_organization(organization))
        # What still waits now are first comments of posts that are out: they follow.
        resume_publishing(organization, user=user, missed=Missed.SEND)
