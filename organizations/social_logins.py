"""People who sign in with another service: whose account that is, and when one begins.

Two rules keep accounts from being taken over (docs/decisions/0013-signing-in-with-other-services.md). An
account begins only with an address that the service has confirmed. And an account that exists is never opened because
an address is the same: whoever signs in to it connects the service, once.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from . import team
from .models import Invitation
from .problems import Problem

WAITING = "social_login_to_connect"  # in the session
WAITS_FOR = 15 * 60  # seconds

logger = logging.getLogger(__name__)


class SocialLogins(DefaultSocialAccountAdapter):
    """allauth's `SOCIALACCOUNT_ADAPTER`."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": _(
            "This is the only way into your account. Set a password first, or connect another account to sign in with."
        ),
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Sends whoever is new here on: to the account that they have, to what is missing, or to signing up."""
        if sociallogin.is_existing or sociallogin.state.get("process") != AuthProcess.LOGIN:
            return
        proven = proven_addresses(sociallogin)
        if not proven:
            context = {"provider": sociallogin.provider, "address": _address(sociallogin)}
            raise ImmediateHttpResponse(render(request, "socialaccount/no_address.html", context, status=403))
        if any(filter_users_by_email(address) for address in proven):
            let_wait(request, sociallogin)
            service = sociallogin.provider.name
            messages.info(request, _("You have an account here already. Sign in once to connect %s to it.") % service)
            here = urlencode({"next": reverse("social_connect")})
            raise ImmediateHttpResponse(redirect(f"{reverse('account_login')}?{here}"))

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        person = sociallogin.user
        invited = invitation_of(sociallogin)
        proven = proven_addresses(sociallogin)
        email = invited.email.lower() if invited and invited.email.lower() in proven else proven[0]
        return {"email": email, "name": person.get_full_name() if person else ""}

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form=None):
        # What the service has not confirmed proves nothing, now or later.
        sociallogin.email_addresses = [each for each in sociallogin.email_addresses if each.verified]
        for each in sociallogin.email_addresses:
            each.primary = each.email.lower() == form.cleaned_data["email"]
        return super().save_user(request, sociallogin, form=form)

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None) -> None:
        logger.warning("Signing in with %s failed: %s %s", provider.sub_id, error, exception or "")

    def send_notification_mail(self, template_prefix: str, user, context: dict[str, Any] | None = None) -> None:
        """Whoever can open an account with another service from now on, or no longer: its owner hears of it."""
        email = EmailAddress.objects.get_primary_email(user)
        if email:
            connections = settings.BASE_URL + reverse("socialaccount_connections")
            more = {"timestamp": timezone.now(), "connections_url": connections}
            get_account_adapter().send_mail(template_prefix, email, {**(context or {}), **more})


def proven_addresses(sociallogin: SocialLogin) -> list[str]:
    """The addresses that the service has confirmed to be the person's, the main one first."""
    return [each.email.lower() for each in sociallogin.email_addresses if each.verified is True]


def _address(sociallogin: SocialLogin) -> str:
    return next((each.email for each in sociallogin.email_addresses), "")


def invitation_of(sociallogin: SocialLogin) -> Invitation | None:
    """The invitation from whose page the person left for the service, while it can be used."""
    try:
        match = resolve(sociallogin.state.get("next") or "")
        return team.usable_invitation(match.kwargs["secret"]) if match.url_name == "invitation" else None
    except (Resolver404, Problem):
        return None


def let_wait(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """Keeps what the service said until the person has signed in to the account that they have."""
    request.session[WAITING] = {"login": sociallogin.serialize(), "since": time.time()}


@dataclass(frozen=True)
class Waiting:
    """A service's word that waits to be connected."""

    sociallogin: SocialLogin

    @property
    def service(self) -> str:
        return self.sociallogin.provider.name

    @property
    def address(self) -> str:
        return _address(self.sociallogin)


def waiting(request: HttpRequest) -> Waiting | None:
    """What waits to be connected to the account of whoever signs in; none once a quarter of an hour has passed."""
    kept = request.session.get(WAITING)
    if not kept or time.time() - kept["since"] > WAITS_FOR:
        return None
    try:
        return Waiting(SocialLogin.deserialize(kept["login"]))
    except (ValueError, KeyError, TypeError):
        return None


def no_longer_waiting(request: HttpRequest) -> None:
    request.session.pop(WAITING, None)


def are_offered() -> bool:
    return bool(settings.SOCIAL_LOGINS)


def connected(user) -> list[SocialAccount]:
    """The accounts elsewhere with which the person can sign in, of services that are still offered."""
    offered = {app.get("provider_id", kind) for kind, each in settings.SOCIALACCOUNT_PROVIDERS.items()
               for app in each.get("APPS", [])}  # fmt: skip
    return list(SocialAccount.objects.filter(user=user, provider__in=offered).order_by("pk"))
