"""One person's account ends: what is theirs alone goes, what they did for others stays without their name."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.admin.models import EditingSession, FormState
from wagtail.models import ModelLogEntry, PageLogEntry, PageSubscription, UploadedFile
from wagtail.users.models import UserProfile

from .models import FormerMembership, Invitation, Membership, Organization, Role
from .problems import Conflict

NOBODY = "deleted.invalid"  # no address: the name is reserved for what does not exist (RFC 2606)


class OnlyOwner(Conflict):
    slug = "only-owner"
    title = "An organization would be left without an Owner"


def organizations_without_other_owner(user) -> list[Organization]:
    """The organizations at work that would have no Owner left without `user`."""
    owned = Organization.objects.at_work().filter(memberships__user=user, memberships__role=Role.OWNER)
    return [
        organization
        for organization in owned.order_by("name")
        if not organization.memberships.filter(role=Role.OWNER).exclude(user=user).exists()
    ]


@transaction.atomic
def delete_account(user) -> None:
    """Ends the account at the person's own wish. Raises OnlyOwner where somebody has to take over first."""
    # Two only Owners who go at once take turns, as those who leave do.
    list(Organization.objects.select_for_update(of=("self",)).filter(memberships__user=user).order_by("pk"))
    if left_alone := organizations_without_other_owner(user):
        raise OnlyOwner(
            _("You are the only Owner of %(names)s. Make somebody else Owner there, or delete it, and come back.")
            % {"names": ", ".join(map(str, left_alone))}
        )
    for membership in Membership.objects.filter(user=user).select_related("organization", "user"):
        membership.delete()
    forget(user)


def is_forgotten(user) -> bool:
    """True for the account that stays in the place of somebody who is gone."""
    return user.email.endswith(f"@{NOBODY}")


def forget(user) -> None:
    """Removes the person. Where they worked with others, an account without name and address stays in their place."""
    email = user.email
    addresses = {email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=list(sessions.values_list("session_key", flat=True))).delete()
    for upload in UploadedFile.objects.filter(uploaded_by_user=user):
        upload.file.delete(save=False)
    for profile in UserProfile.objects.filter(user=user):
        profile.avatar.delete(save=False)
    for model, field in (
        (UserSession, "user"),
        (EmailAddress, "user"),
        (Authenticator, "user"),
        (SocialAccount, "user"),
        (UserProfile, "user"),
        (UploadedFile, "uploaded_by_user"),
        (PageSubscription, "user"),
        (EditingSession, "user"),
        (FormState, "user"),
    ):
        model._base_manager.filter(**{field: user}).delete()
    for address in addresses:
        Invitation.objects.filter(email__iexact=address).delete()
    if not FormerMembership.objects.filter(user=user).exists():
        user.delete()
        return
    user.email = f"{user.pk.hex}@{NOBODY}"
    user.first_name, user.last_name = _("Deleted"), _("person")
    user.is_active = user.is_staff = False
    user.set_unusable_password()
    user.last_login = None
    user.groups.clear()
    user.save()
    _take_out_of_logs(addresses, user.email)


def _take_out_of_logs(addresses: set[str], instead: str) -> None:
    """The logs say what was done, and no longer with whose address."""
    for model in (ModelLogEntry, PageLogEntry):
        for address in addresses:
            for entry in model.objects.filter(data__email__iexact=address):
                model.objects.filter(pk=entry.pk).update(data={**entry.data, "email": instead})
