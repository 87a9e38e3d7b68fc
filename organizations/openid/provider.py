"""An OpenID Connect provider that an operator has named in `SOCIAL_LOGINS`."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

from .views import Exchange

# What is kept of what the provider says: enough to tell the account, no more.
KEPT = ("iss", "sub", "email", "name", "preferred_username")


class OpenIDConnect(OpenIDConnectProvider):
    """Takes an address for confirmed only if the provider says so in as many words."""

    oauth2_adapter_class = Exchange

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        # Some send the word instead of the value, and “false” is a text like any other.
        verified = data.get("email_verified") in (True, "true")
        return [EmailAddress(email=data["email"], verified=verified, primary=True)] if data.get("email") else []

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {name: data[name] for name in KEPT if name in data}


provider_classes = [OpenIDConnect]
