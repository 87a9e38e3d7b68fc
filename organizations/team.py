"""Who is in an organization, and as what: inviting, changing roles, removing, leaving, handing over.

Every function locks the organization first: people who act on each other at
once take turns, and at least one Owner always remains.
"""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from . import mails
from .models import Invitation, Membership, Organization, Role, User
from .problems import Conflict, Forbidden, NotFound, Problem
from .roles import Action, may, require
from .signals import person_joining


class LastOwner(Conflict):
    slug = "last-owner"
    title = "An organization needs an Owner"


class InvitationInvalid(Problem):
    """The link cannot be used; `slug` says why."""

    slug = "invitation-invalid"
    status = 410
    title = "This invitation cannot be used"


class InvitationUsed(InvitationInvalid):
    slug = "invitation-used"


class InvitationExpired(InvitationInvalid):
    slug = "invitation-expired"


class InvitationForSomebodyElse(InvitationInvalid):
    slug = "invitation-for-somebody-else"
    status = 403


def roles_that_may_be_given(user, organization) -> list[Role]:
    """The roles that `user` may give to others in `organization`; the highest first."""
    if not may(user, Action.MANAGE_PEOPLE, organization=organization):
        return []
    return [role for role in Role if role != Role.OWNER or may(user, Action.TRANSFER, organization=organization)]


@transaction.atomic
def invite(organization, *, email: str, role: Role, user) -> Invitation:
    """Sends `email` a link with which its owner joins as `role`."""
    organization = _locked(organization)
    _require_to_give(user, organization, role)
    email = email.strip()
    if organization.memberships.filter(user__email__iexact=email).exists():
        raise Conflict(_("%(email)s belongs to this organization already.") % {"email": email})
    if organization.invitations.pending().filter(email__iexact=email).exists():
        raise Conflict(_("%(email)s is invited already. You can send the invitation again.") % {"email": email})
    person_joining.send(sender=Organization, organization=organization, invited=None)
    invitation = Invitation(organization=organization, email=email, role=role, invited_by=user)
    secret = invitation.renew()
    invitation.save()
    log(organization, "organizations.invite", user=user, data={"email": email, "role": str(role)})
    _send(invitation, secret)
    return invitation


@transaction.atomic
def resend(invitation, *, user) -> Invitation:
    """Sends a new link, valid for a week from now; the old one serves no longer."""
    organization = _locked(invitation.organization)
    invitation = _pending(invitation)
    _require_to_give(user, organization, Role(invitation.role))
    secret = invitation.renew()
    invitation.save()
    log(organization, "organizations.invite", user=user, data={"email": invitation.email, "role": invitation.role})
    _send(invitation, secret)
    return invitation


@transaction.atomic
def revoke(invitation, *, user) -> Invitation:
    """Takes the invitation back: its link serves no longer."""
    organization = _locked(invitation.organization)
    invitation = _pending(invitation)
    _require_to_give(user, organization, Role(invitation.role))
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    log(organization, "organizations.revoke_invitation", user=user, data={"email": invitation.email})
    return invitation


def usable_invitation(secret: str) -> Invitation:
    """The invitation whose link this is. Raises InvitationInvalid, which says why it cannot be used."""
    invitation = Invitation.objects.with_secret(secret).select_related("organization", "invited_by").first()
    if invitation is None or invitation.revoked_at:
        raise InvitationInvalid(
            _("This link is not valid: it was taken back, or a newer one was sent. Ask for a new invitation.")
        )
    if invitation.accepted_at:
        raise InvitationUsed(_("This invitation was accepted already. Sign in to work in the organization."))
    if invitation.organization.deleted_at:
        raise InvitationInvalid(
            _("%(organization)s was deleted, so nobody can join it.") % {"organization": invitation.organization}
        )
    if invitation.is_expired():
        raise InvitationExpired(
            _("This invitation has expired. Ask somebody at %(organization)s to send it again.")
            % {"organization": invitation.organization}
        )
    return invitation


@transaction.atomic
def accept(secret: str, *, user) -> Membership:
    """Makes `user` a member, once, if the invitation was sent to an address of theirs."""
    invitation = usable_invitation(secret)
    organization = _locked(invitation.organization)
    invitation = usable_invitation(secret)  # again: somebody may have been faster
    if not is_for(invitation, user):
        raise InvitationForSomebodyElse(
            _("This invitation was sent to %(email)s, and you are signed in as %(user)s. Use that account.")
            % {"email": invitation.email, "user": user.email}
        )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    membership = organization.memberships.filter(user=user).first()
    if membership is None:
        person_joining.send(sender=Organization, organization=organization, invited=invitation)
        membership = Membership.objects.create(organization=organization, user=user, role=invitation.role)
        organization.former_memberships.filter(user=user).delete()
    log(organization, "organizations.join", user=user, data={"email": user.email, "role": membership.role})
    return membership


@transaction.atomic
def accept_as_new_person(secret: str, *, name: str, password: str) -> Membership:
    """Makes the account of the invited person, whose address the link has proven, and their membership."""
    _locked(usable_invitation(secret).organization)
    invitation = usable_invitation(secret)  # again: somebody with the same link may have been faster
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise Conflict(_("%(email)s has an account already. Sign in to accept.") % {"email": invitation.email})
    first_name, _space, last_name = name.strip().partition(" ")
    user = User.objects.create_user(invitation.email, password, first_name=first_name, last_name=last_name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return accept(secret, user=user)


@transaction.atomic
def change_role(membership, *, role: Role, user) -> Membership:
    """Gives a member another role."""
    organization = _locked(membership.organization)
    membership = _current(membership)
    _require_to_give(user, organization, Role(role))
    _require_to_give(user, organization, Role(membership.role))
    if membership.role == role:
        return membership
    _keep_an_owner(organization, membership)
    before, membership.role = membership.role, role
    membership.save()
    log(
        organization,
        "organizations.change_role",
        user=user,
        data={"email": membership.user.email, "before": before, "role": str(role)},
    )
    return membership


@transaction.atomic
def remove(membership, *, user) -> None:
    """Ends somebody's membership. What they wrote stays."""
    organization = _locked(membership.organization)
    membership = _current(membership)
    if membership.user_id == user.pk:
        raise Conflict(_("To leave the organization yourself, choose Leave."))
    _require_to_give(user, organization, Role(membership.role))
    _keep_an_owner(organization, membership)
    membership.delete()
    log(organization, "organizations.remove_person", user=user, data={"email": membership.user.email})


@transaction.atomic
def leave(organization, *, user) -> None:
    """Ends one's own membership. The last Owner has to make somebody else Owner first."""
    organization = _locked(organization)
    membership = organization.memberships.select_related("user").filter(user=user).first()
    if membership is None:
        raise NotFound(_("You do not belong to this organization any more."))
    _keep_an_owner(organization, membership)
    membership.delete()
    log(organization, "organizations.leave", user=user, data={"email": user.email})


@transaction.atomic
def transfer(membership, *, user) -> Membership:
    """Makes the member an Owner, and the Owner who does it an Admin."""
    organization = _locked(membership.organization)
    require(user, Action.TRANSFER, organization=organization)
    heir = _current(membership)
    if heir.user_id == user.pk:
        raise Conflict(_("You are an Owner already."))
    heir.role = Role.OWNER
    heir.save()
    own = organization.memberships.select_related("user").get(user=user)
    own.role = Role.ADMIN
    own.save()
    log(organization, "organizations.transfer", user=user, data={"email": heir.user.email})
    return heir


def _locked(organization) -> Organization:
    return Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)


def _current(membership) -> Membership:
    found = Membership.objects.select_related("user", "organization").filter(pk=membership.pk).first()
    if found is None:
        raise NotFound(_("This person does not belong to the organization any more."))
    return found


def _pending(invitation) -> Invitation:
    found = Invitation.objects.pending().select_related("organization").filter(pk=invitation.pk).first()
    if found is None:
        raise Conflict(_("This invitation was accepted or taken back in the meantime."))
    return found


def _require_to_give(user, organization, role: Role) -> None:
    require(user, Action.MANAGE_PEOPLE, organization=organization)
    if role == Role.OWNER and not may(user, Action.TRANSFER, organization=organization):
        raise Forbidden(_("Only an Owner can make somebody an Owner, or change or remove an Owner."))


def _keep_an_owner(organization, membership) -> None:
    if membership.role == Role.OWNER and organization.memberships.filter(role=Role.OWNER).count() == 1:
        raise LastOwner(
            _("%(person)s is the only Owner. Make somebody else an Owner first.") % {"person": membership.user}
        )


def is_for(invitation, user) -> bool:
    """True if the invitation was sent to an address that `user` has proven to be theirs."""
    addresses = {user.email.lower()} | {
        each.email.lower() for each in EmailAddress.objects.filter(user=user, verified=True)
    }
    return invitation.email.lower() in addresses


def _send(invitation, secret: str) -> None:
    link = settings.BASE_URL + reverse("invitation", args=[secret])
    mails.send(
        invitation.organization,
        "organizations/mail/invitation.txt",
        to=[invitation.email],
        invitation=invitation,
        link=link,
    )
