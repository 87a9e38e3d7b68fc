"""Second factors: how they are kept, and the organizations that ask for one of everybody.

What an authenticator app shares with us is never readable in the database.
"""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from .problems import Problem
from .secrets import seal, unseal
from .walls import outside_walls

SEALED = ("secret", "seed")  # in an authenticator's `data`: an app's key, and what recovery codes come from
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactors(DefaultMFAAdapter):
    """allauth's `MFA_ADAPTER`."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)


class SecondFactorNotSetUp(Problem):
    slug = "second-factor-not-set-up"
    status = 403
    title = "The organization asks for a second factor"


def has_one(user) -> bool:
    """True if the person has an authenticator app or a passkey. Recovery codes alone are none."""
    return is_mfa_enabled(user, KINDS)


def people_without(organization) -> set:
    """The ids of the organization's people who have none. Others' factors are their own: only Admins are told."""
    with outside_walls(organization):
        people = organization.memberships.filter(user__is_active=True).values("user_id")
        have_one = Authenticator.objects.filter(user__in=people, type__in=KINDS).values("user_id")
        return set(people.exclude(user__in=have_one).values_list("user_id", flat=True))


def is_missing(user, organization) -> bool:
    """True if `organization` asks everybody for a second factor and the person has none: they see nothing of it."""
    return organization is not None and organization.second_factor_required and not has_one(user)


def require_one(user, organization) -> None:
    """Raises SecondFactorNotSetUp, which says where to set one up, if it is missing."""
    if is_missing(user, organization):
        raise SecondFactorNotSetUp(
            _(
                "%(organization)s asks everybody for a second factor, and the account behind this token or key has"
                " none. Set up an authenticator app or a passkey at %(address)s, then ask again."
            )
            % {"organization": organization, "address": settings.BASE_URL + reverse("mfa_index")}
        )
