"""Connecting by OAuth 2.0 with PKCE: the address to send a person to, and the tokens that come back."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from .errors import ReconnectNeeded

if TYPE_CHECKING:
    from .adapters.wire import Wire


@dataclass(frozen=True)
class Provider:
    """One network's authorization server, and who this installation is to it."""

    name: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]

    def authorization_url(self, *, state: str, verifier: str, redirect_uri: str) -> str:
        """Where a person says yes."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return f"{self.authorize_url}?" + urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": redirect_uri,
                "scope": " ".join(self.scopes),
                "state": state,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )

    def exchange(self, wire: "Wire", *, code: str, verifier: str, redirect_uri: str) -> dict:
        """The tokens for a code that came back."""
        return self._tokens(
            wire,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=redirect_uri,
        )

    def refresh(self, wire: "Wire", *, refresh_token: str) -> dict:
        """New tokens. Where refresh tokens rotate, the old one is worth nothing afterwards."""
        return self._tokens(wire, grant_type="refresh_token", refresh_token=refresh_token)

    def _tokens(self, wire: "Wire", **form: str) -> dict:
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        reply = wire.request(
            "POST",
            self.token_url,
            form={**form, "client_id": self.client_id},
            headers={"Authorization": f"Basic {basic}"},
        )
        said = reply.json()
        if not reply.ok or not said.get("access_token"):
            raise ReconnectNeeded(
                _("%(name)s no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
                % {"name": self.name, "said": said.get("error_description") or said.get("error") or reply.status}
            )
        return said


def new_secret() -> str:
    """A random string for `state`, or for a code verifier."""
    return secrets.token_urlsafe(48)


def expiry_of(said: dict) -> datetime | None:
    """When the access token in a token reply ends."""
    return timezone.now() + timedelta(seconds=int(said["expires_in"])) if said.get("expires_in") else None


def credentials_of(said: dict) -> dict:
    """What of a token reply is kept."""
    return {"access_token": said["access_token"], "refresh_token": said.get("refresh_token", "")}
