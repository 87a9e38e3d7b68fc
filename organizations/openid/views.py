"""Where people leave for an OpenID Connect provider, and where they come back with its word for who they are."""

from typing import Any

import jwt
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest
from requests import RequestException

NEEDED = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"}
LEEWAY = 60  # seconds by which clocks may differ


class Exchange(OpenIDConnectOAuth2Adapter):
    """The provider's answers, each checked; whatever is wrong with one becomes an OAuth2Error."""

    @property
    def openid_config(self) -> dict[str, Any]:
        found = super().openid_config
        if not isinstance(found, dict) or not found.keys() >= NEEDED:
            raise OAuth2Error("The provider does not describe itself as OpenID Connect Discovery asks for.")
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token, **kwargs):
        try:
            claims = self._decode_id_token(app, kwargs["response"]["id_token"])
            if "userinfo_endpoint" in self.openid_config:
                told = self._fetch_user_info(token.token)
                if told["sub"] != claims["sub"]:  # OpenID Connect Core 5.3.2
                    raise OAuth2Error("The provider speaks of one person in the token and of another beside it.")
                claims = {**claims, **told}
        except (jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error(f"The provider's answer cannot be used: {type(error).__name__}") from error
        return self.get_provider().sociallogin_from_response(request, claims)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        # allauth leaves the signature out, since the token comes by TLS; an address may be http on one's own network.
        algorithm, key = jwtkit.fetch_key(id_token, self.openid_config["jwks_uri"], jwtkit.lookup_kid_jwk)
        return jwt.decode(
            id_token,
            key,
            algorithms=[algorithm],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            leeway=LEEWAY,
            options={"require": ["sub", "exp", "iat"]},
        )


def login(request: HttpRequest, provider_id: str):
    return _answer(OAuth2LoginView, request, provider_id)


def callback(request: HttpRequest, provider_id: str):
    return _answer(OAuth2CallbackView, request, provider_id)


def _answer(view, request: HttpRequest, provider_id: str):
    exchange = Exchange(request, provider_id)
    try:
        return view.adapter_view(exchange)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (OAuth2Error, RequestException) as error:  # before anybody could be sent there, or after they came back
        return render_authentication_error(request, exchange.get_provider(), exception=error)
