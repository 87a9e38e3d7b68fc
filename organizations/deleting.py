"""Deleting an organization, and bringing it back.

A deleted organization stops at once: nobody works in it, what was planned is
called off, and it is charged no longer; apps above answer
`organization_deleted` with their part. For thirty days an Owner can bring it
back. Then `erasing` removes it for good.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from . import mails
from .models import Membership, Organization, Role
from .problems import Conflict, Forbidden, NotFound, Problem
from .roles import ACTIONS_OF_ROLE, Action, require
from .signals import organization_deleted, organization_restored
from .walls import outside_walls


class NameDiffers(Problem):
    slug = "name-differs"
    title = "The name is not the organization's"


class OrganizationDeleted(Problem):
    """Somebody deleted the organization that was asked for."""

    slug = "organization-deleted"
    status = 410
    title = "This organization was deleted"


@transaction.atomic
def delete_organization(organization: Organization, *, name: str, user) -> Organization:
    """Deletes the organization, whose `name` was typed to confirm it. It can be brought back for thirty days."""
    organization = _locked(organization)
    if organization.deleted_at:
        raise Conflict(_("This organization is deleted already."))
    require(user, Action.DELETE, organization=organization)
    if " ".join(name.split()) != " ".join(organization.name.split()):
        raise NameDiffers(
            _("Type the organization's name exactly as it is, to confirm: %(name)s") % {"name": organization.name}
        )
    with outside_walls(organization):
        log(organization, "organizations.delete", user=user, data={"name": organization.name})
        organization.deleted_at, organization.deleted_by = timezone.now(), user
        organization.save(update_fields=["deleted_at", "deleted_by"])
        organization_deleted.send(sender=Organization, organization=organization, user=user)
        _tell_everybody(organization, "deleted", user=user)
    return organization


@transaction.atomic
def restore_organization(organization: Organization, *, user) -> Organization:
    """Brings a deleted organization back as it was; what was planned, and its subscription, stay called off."""
    organization = _locked(organization)
    if not organization.deleted_at:
        raise Conflict(_("This organization is not deleted."))
    if not may_restore(user, organization):
        raise Forbidden(_("Only an Owner can bring a deleted organization back."))
    deleted_at: datetime = organization.deleted_at
    if deleted_at + Organization.KEPT_FOR <= timezone.now():
        raise Conflict(_("The 30 days are over: this organization is being erased."))
    # The person may work for another of theirs at this moment.
    with outside_walls(organization):
        organization.deleted_at = organization.deleted_by = None
        organization.save(update_fields=["deleted_at", "deleted_by"])
        organization_restored.send(sender=Organization, organization=organization, user=user, deleted_at=deleted_at)
        log(organization, "organizations.restore", user=user, data={"name": organization.name})
        _tell_everybody(organization, "restored", user=user)
    return organization


def may_restore(user, organization: Organization) -> bool:
    """True if the role that `user` has allows bringing back what is deleted: whoever may delete, may."""
    membership = Membership.objects.filter(organization=organization, user=user).first()
    return membership is not None and user.is_active and Action.DELETE in ACTIONS_OF_ROLE[Role(membership.role)]


def require_at_work(organization: Organization) -> None:
    """Raises OrganizationDeleted, which says until when it can be brought back, unless it is at work."""
    if organization.deleted_at:
        raise OrganizationDeleted(
            _("%(organization)s was deleted. Until %(when)s an Owner can bring it back.")
            % {"organization": organization, "when": f"{organization.erased_from:%Y-%m-%d}"},
            erased_from=f"{organization.erased_from:%Y-%m-%dT%H:%M:%SZ}",
        )


def _locked(organization: Organization) -> Organization:
    with outside_walls():
        found = Organization.objects.select_for_update(of=("self",)).filter(pk=organization.pk).first()
    if found is None:
        raise NotFound(_("This organization does not exist any more."))
    return found


def _tell_everybody(organization: Organization, what: str, *, user) -> None:
    mails.send(
        organization,
        f"organizations/mail/{what}.txt",
        to=organization.members.filter(is_active=True).order_by("email").values_list("email", flat=True),
        by=str(user),
        until=mails.day(organization, organization.erased_from) if organization.erased_from else "",
    )
