"""Tokens of the API: a short-lived access token, and a refresh token that serves once.

Both belong to a session of allauth's, listed with a person's other sessions:
signing that session out remotely ends both at once. allauth signs and reads the
tokens; what it leaves open is closed here: the password alone is not enough
where a second factor is on, and a refresh token used twice ends its session.
"""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.headless.internal.sessionkit import new_session
from allauth.headless.tokens.strategies.jwt import internal as jwt
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .problems import Problem


class InvalidCredentials(Problem):
    slug = "invalid-credentials"
    status = 401
    title = "Signing in did not work"


class SecondFactorNeeded(Problem):
    slug = "second-factor-needed"
    status = 401
    title = "A second factor is needed"


class EmailNotVerified(Problem):
    slug = "email-not-verified"
    status = 403
    title = "The e-mail address is not verified yet"


class InvalidRefreshToken(Problem):
    slug = "invalid-refresh-token"
    status = 401
    title = "The refresh token is not valid"


class TooManyAttempts(Problem):
    slug = "too-many-attempts"
    status = 429
    title = "Too many attempts"


def issue_tokens(request, *, email: str, password: str, code: str = "") -> dict:
    """`access` and `refresh` for the person who proves to be themselves, by all that their account asks for."""
    adapter = get_adapter(request)
    if not ratelimit.consume(request, action="login"):
        raise TooManyAttempts(_("Too many sign-ins from this address. Wait a minute and try again."))
    try:
        user = adapter.authenticate(request, email=email, password=password)
    except ValidationError as err:
        raise TooManyAttempts(_("Too many failed sign-ins. Wait five minutes and try again.")) from err
    if user is None or not user.is_active:
        raise InvalidCredentials(_("The e-mail address and the password do not belong together."))
    if not EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists():
        raise EmailNotVerified(
            _("Open the link in the e-mail that was sent to you when you signed up, then try again.")
        )
    if is_mfa_enabled(user):
        _check_second_factor(request, user, code)
    return _tokens_of_new_session(request, user)


def _check_second_factor(request, user, code: str) -> None:
    if not code:
        raise SecondFactorNeeded(
            _("This account is protected by a second factor: send its current code as `code` too.")
        )
    key = f"mfa-auth-user-{user.pk}"
    if not ratelimit.consume(request, action="login_failed", key=key):
        raise TooManyAttempts(_("Too many wrong codes. Wait five minutes and try again."))
    by_code = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    authenticator = next((each for each in by_code if each.wrap().validate_code(code)), None)
    if authenticator is None:
        raise InvalidCredentials(
            _("The code is not right, or no longer. Send the current code of your authenticator app.")
        )
    authenticator.record_usage()
    ratelimit.clear(request, action="login_failed", key=key)


def _tokens_of_new_session(request, user) -> dict:
    session = new_session()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = user.backend
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    refresh = jwt.create_refresh_token(user, session)
    session.save()
    UserSession.objects.create(
        user=user,
        session_key=session.session_key,
        ip=get_adapter(request).get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH],
    )
    user.last_login = UserSession.objects.get(session_key=session.session_key).created_at
    user.save(update_fields=["last_login"])
    return {"access": jwt.create_access_token(user, session, {}), "refresh": refresh}


def end_session(refresh: str) -> None:
    """Signs out: all tokens of the refresh token's session end at once. One that is not valid ends nothing."""
    payload = jwt.decode_token(refresh, "refresh")
    if session_key := jwt.session_key_from_sid(payload["sid"]) if payload else None:
        UserSession.objects.filter(session_key=session_key).delete()
        Session.objects.filter(session_key=session_key).delete()


def refresh_tokens(refresh: str) -> dict:
    """A new pair for an unused refresh token. One that was used before ends its session: somebody has a copy."""
    payload = jwt.decode_token(refresh, "refresh")
    session_key = jwt.session_key_from_sid(payload["sid"]) if payload else None
    if not session_key:
        raise InvalidRefreshToken(_("The refresh token is damaged or has expired. Sign in again."))
    with transaction.atomic():
        # Two requests with one token take turns here, so that only one can win.
        list(Session.objects.select_for_update().filter(session_key=session_key))
        session = jwt.get_token_session(payload)
        if session is not None and payload["jti"] not in jwt.get_refresh_token_state(session):
            UserSession.objects.filter(session_key=session_key).delete()
            session.flush()
            session = None
        valid = jwt.validate_refresh_token(refresh) if session is not None else None
        if valid:
            user, session, payload = valid
            jwt.invalidate_refresh_token(session, payload)
            pair = {
                "access": jwt.create_access_token(user, session, {}),
                "refresh": jwt.create_refresh_token(user, session),
            }
            session.save()
    if not valid:
        raise InvalidRefreshToken(_("The refresh token was used before or its session was signed out. Sign in again."))
    return pair
