"""Adapters whose calls carry an OAuth 2.0 token."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from publishing import oauth, tokens
from publishing.errors import PublishingError, ReconnectNeeded

from .base import Adapter
from .wire import Reply


class AuthorizedAdapter(Adapter):
    """Sends every call with the stored token, renewed where it has run out or is about to."""

    @property
    def provider(self) -> oauth.Provider:
        """The authorization server, and who this installation is to it."""
        raise NotImplementedError

    def explained(self, reply: Reply) -> PublishingError:
        """A refusal, named by what to do next."""
        raise NotImplementedError

    def headers(self, token: str) -> dict:
        return {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, url: str, *, headers: dict | None = None, **call) -> Reply:
        """Calls, and raises what `explained` makes of a refusal."""
        reply = self.try_to_ask(method, url, headers=headers, **call)
        if not reply.ok:
            raise self.explained(reply)
        return reply

    def try_to_ask(self, method: str, url: str, *, headers: dict | None = None, **call) -> Reply:
        """Calls, and answers with whatever came back. A header that is None is left out."""
        credentials, expires_at = self.channel.credentials, self.channel.token_expires_at
        token, renewable = credentials.get("access_token", ""), self.is_renewable(credentials)
        old = renewable and expires_at is not None and expires_at - timezone.now() < timedelta(seconds=60)

        def request(token: str) -> Reply:
            merged = self.headers(token) | (headers or {})
            present = {name: value for name, value in merged.items() if value is not None}
            return self.wire.request(method, url, headers=present, **call)

        reply = None if old else request(token)
        if reply is None or (reply.status == 401 and renewable):
            token = tokens.renew(self.channel, stale=token, name="access_token", ask=self.renewed)["access_token"]
            reply = request(token)
        return reply

    # What becomes of the token

    def is_renewable(self, credentials: dict) -> bool:
        return bool(credentials.get("refresh_token"))

    def renewed(self, stored: dict) -> tuple[dict, datetime | None]:
        """New credentials for the stored ones, and until when they hold."""
        if not stored.get("refresh_token"):
            raise ReconnectNeeded(
                _("%(name)s no longer accepts this channel's authorization. Connect the channel again.")
                % {"name": self.name}
            )
        said = self.provider.refresh(self.wire, refresh_token=stored["refresh_token"])
        return oauth.credentials_of(said), oauth.expiry_of(said)

    def renew_ahead(self):
        if self.is_renewable(self.channel.credentials):
            token = self.channel.credentials.get("access_token", "")
            tokens.renew(self.channel, stale=token, name="access_token", ask=self.renewed)

    def authorization_ends_at(self):
        credentials = self.channel.credentials
        if not self.is_renewable(credentials):
            return self.channel.token_expires_at
        ends = credentials.get("refresh_token_expires_at")
        return datetime.fromisoformat(ends) if ends else None

    def revoke(self):
        return self.provider.revoke(self.wire, token=self.channel.credentials.get("access_token", ""))
