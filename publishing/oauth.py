"""Connecting by OAuth 2.0: the address to send a person to, and the tokens that come back."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from .errors import ReconnectNeeded, TryLater

if TYPE_CHECKING:
    from .adapters.wire import Reply, Wire

# The answers of RFC 6749, 5.2 that say that the person has to agree again. X says `invalid_request` of a token
# that it does not know. Anything else is a passing trouble, or one of this installation's keys.
WITHDRAWN = {"invalid_grant", "invalid_request", "invalid_token", "access_denied", "unauthorized_client"}


@dataclass(frozen=True)
class Provider:
    """One network's authorization server, and who this installation is to it."""

    name: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    revoke_url: str = ""
    pkce: bool = True
    keys_in_form: bool = False  # where the server wants the keys beside the code, not in a header
    scope_separator: str = " "
    parameters: dict[str, str] = field(default_factory=dict)  # of the address to send a person to

    def authorization_url(self, *, state: str, verifier: str, redirect_uri: str) -> str:
        """Where a person says yes."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.scope_separator.join(self.scopes),
            "state": state,
            **self.parameters,
        }
        if self.pkce:
            challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self.authorize_url}?{urlencode(query)}"

    def exchange(self, wire: "Wire", *, code: str, verifier: str, redirect_uri: str) -> dict:
        """The tokens for a code that came back."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._tokens(wire, **form, **({"code_verifier": verifier} if self.pkce else {}))

    def refresh(self, wire: "Wire", *, refresh_token: str) -> dict:
        """New tokens. Where refresh tokens rotate, the old one is worth nothing afterwards."""
        return self._tokens(wire, grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, wire: "Wire", *, token: str) -> bool:
        """Asks the network to forget the token; true if it says that it did."""
        return bool(self.revoke_url and token) and self._post(wire, self.revoke_url, token=token).ok

    def _tokens(self, wire: "Wire", **form: str) -> dict:
        reply = self._post(wire, self.token_url, **form)
        said = reply.json() if isinstance(reply.json(), dict) else {}
        if reply.ok and said.get("access_token"):
            return said
        raise _refused(self.name, said, reply)

    def _post(self, wire: "Wire", url: str, **form: str) -> "Reply":
        if self.keys_in_form:
            keys = {"client_id": self.client_id, "client_secret": self.client_secret}
            return wire.request("POST", url, form={**form, **keys})
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        form = {**form, "client_id": self.client_id}
        return wire.request("POST", url, form=form, headers={"Authorization": f"Basic {basic}"})


def _refused(name: str, said: dict, reply: "Reply"):
    reason = said.get("error_description") or said.get("error") or reply.status
    if reply.status in (400, 401) and said.get("error") in WITHDRAWN:
        return ReconnectNeeded(
            _("%(name)s no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
            % {"name": name, "said": reason}
        )
    return TryLater(
        _("%(name)s could not renew this channel's authorization just now (“%(said)s”).")
        % {"name": name, "said": reason}
    )


def new_secret() -> str:
    """A random string for `state`, or for a code verifier."""
    return secrets.token_urlsafe(48)


def expiry_of(said: dict, name: str = "expires_in") -> datetime | None:
    """When the access token in a token reply ends."""
    return timezone.now() + timedelta(seconds=int(said[name])) if said.get(name) else None


def credentials_of(said: dict) -> dict:
    """What of a token reply is kept."""
    kept = {"access_token": said["access_token"], "refresh_token": said.get("refresh_token", "")}
    if ends := expiry_of(said, "refresh_token_expires_in"):
        kept["refresh_token_expires_at"] = ends.isoformat()
    return kept


def scopes_of(said: dict) -> list[str]:
    """What a token reply says was granted: some servers part it by spaces, some by commas."""
    return [scope for scope in re.split(r"[,\s]+", said.get("scope") or "") if scope]
