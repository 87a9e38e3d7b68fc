"""With which other services people may sign in, from the environment: Google, GitHub, any OpenID Connect provider.

`SOCIAL_LOGINS=google,okta` asks for GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, OKTA_CLIENT_ID and so on. Whatever is
neither `google` nor `github` speaks OpenID Connect and needs OKTA_ISSUER besides.
"""

from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import urlsplit

OPENID_CONNECT = "openid_connect"
OF_THEIR_OWN_KIND = ("google", "github")


class Environment(Protocol):
    def __call__(self, name: str, *, default: str) -> str: ...

    def list(self, name: str, *, default: list[str]) -> list[str]: ...


def kind_of(name: str) -> str:
    """What allauth calls the way in which `name` signs people in."""
    return name if name in OF_THEIR_OWN_KIND else OPENID_CONNECT


def prefix_of(name: str) -> str:
    """What the names of its variables begin with."""
    return name.upper().replace("-", "_")


def apps(names: Iterable[str]) -> list[str]:
    """What `INSTALLED_APPS` needs for them."""
    return sorted({f"allauth.socialaccount.providers.{kind_of(name)}" for name in names})


def providers(names: Iterable[str], *, env: Environment) -> dict[str, dict[str, Any]]:
    """allauth's `SOCIALACCOUNT_PROVIDERS`. What is missing stays empty: `cms.checks` says so."""
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        kind, prefix = kind_of(name), prefix_of(name)
        of_kind = found.setdefault(kind, {"APPS": [], "OAUTH_PKCE_ENABLED": True})
        app: dict[str, Any] = {
            "client_id": env(f"{prefix}_CLIENT_ID", default=""),
            "secret": env(f"{prefix}_CLIENT_SECRET", default=""),
            "settings": {},
        }
        if kind == OPENID_CONNECT:
            of_kind["provider_class"] = "organizations.openid.provider.OpenIDConnect"
            app |= {
                "provider_id": name,
                "name": env(f"{prefix}_LABEL", default=name.replace("-", " ").title()),
                "settings": {
                    "server_url": env(f"{prefix}_ISSUER", default="").rstrip("/"),
                    # Addresses of these domains count as confirmed although the provider does not say so.
                    "verified_email": env.list(f"{prefix}_EMAIL_DOMAINS", default=[]),
                },
            }
        of_kind["APPS"].append(app)
    return found


def missing(names: Iterable[str], configured: dict[str, dict[str, Any]]) -> list[str]:
    """The variables that are needed and not set."""
    found = []
    for name in names:
        needed = {"client_id": "CLIENT_ID", "secret": "CLIENT_SECRET"}
        app = app_of(name, configured)
        found += [f"{prefix_of(name)}_{variable}" for key, variable in needed.items() if not app.get(key)]
        if kind_of(name) == OPENID_CONNECT and not app.get("settings", {}).get("server_url"):
            found.append(f"{prefix_of(name)}_ISSUER")
    return found


def app_of(name: str, configured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    apps_of_kind = configured.get(kind_of(name), {}).get("APPS", [])
    return next((app for app in apps_of_kind if app.get("provider_id", name) == name), {})


def unencrypted_origins(configured: dict[str, dict[str, Any]]) -> list[str]:
    """Where a form's answer may lead besides https: providers of a developer's own machine."""
    issuers = (app["settings"]["server_url"] for app in configured.get(OPENID_CONNECT, {}).get("APPS", []))
    parts = (urlsplit(issuer) for issuer in issuers)
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.scheme == "http"})
