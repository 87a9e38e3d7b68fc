"""Asking people once more who they are, before what somebody at their open browser would want most."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import did_recently_authenticate
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import urlencode


def is_needed(request: HttpRequest) -> bool:
    """True if the person signed in, or confirmed who they are, longer ago than ACCOUNT_REAUTHENTICATION_TIMEOUT.

    False for those who sign in with another service alone and have no second factor: there is nothing to ask for.
    """
    return not did_recently_authenticate(request)


def confirm_first(request: HttpRequest, *, then: str) -> HttpResponseRedirect:
    """Asks for the password or the second factor, and leads to `then` afterwards."""
    first, *_others = get_adapter().get_reauthentication_methods(request.user)
    return redirect(f"{first['url']}?{urlencode({'next': then})}")
