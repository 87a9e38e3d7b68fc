"""The two ways to an Instagram account: through Facebook and its pages, or by Instagram's own log-in.

`INSTAGRAM_LOGIN` chooses for new channels; each channel remembers by which it came.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from publishing import oauth
from publishing.accounts import Account
from publishing.errors import ReconnectNeeded, TryLater

from .wire import Reply, Wire

FACEBOOK, INSTAGRAM = "facebook", "instagram"
HOSTS = {FACEBOOK: "https://graph.facebook.com", INSTAGRAM: "https://graph.instagram.com"}
AUTHORIZE = {
    FACEBOOK: "https://www.facebook.com/{version}/dialog/oauth",
    INSTAGRAM: "https://www.instagram.com/oauth/authorize",
}
SCOPES = {
    FACEBOOK: (
        "instagram_basic",
        "instagram_content_publish",
        "instagram_manage_comments",
        "pages_show_list",
        "pages_read_engagement",
    ),
    INSTAGRAM: (
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
    ),
}


def host(login: str | None) -> str:
    login = login or settings.INSTAGRAM_LOGIN
    if settings.INSTAGRAM_API_BASE and login == settings.INSTAGRAM_LOGIN:
        return settings.INSTAGRAM_API_BASE.rstrip("/")
    return HOSTS[login]


def base(login: str | None) -> str:
    """The address of the API's version, for channels that came by `login`."""
    return f"{host(login)}/{settings.INSTAGRAM_API_VERSION}"


def scopes_needed(login: str | None) -> tuple[str, ...]:
    return SCOPES[login or settings.INSTAGRAM_LOGIN][:3]


def provider() -> oauth.Provider:
    login = settings.INSTAGRAM_LOGIN
    if login == FACEBOOK:
        token_url = f"{base(login)}/oauth/access_token"
    else:
        # The first token comes from a server of its own, all later ones from the API's.
        token_url = f"{settings.INSTAGRAM_API_BASE.rstrip('/') or 'https://api.instagram.com'}/oauth/access_token"
    return oauth.Provider(
        name="Instagram",
        authorize_url=AUTHORIZE[login].format(version=settings.INSTAGRAM_API_VERSION),
        token_url=token_url,
        client_id=settings.INSTAGRAM_APP_ID,
        client_secret=settings.INSTAGRAM_APP_SECRET,
        scopes=SCOPES[login],
        pkce=False,
        keys_in_form=True,
        scope_separator=",",
    )


def accounts(wire: Wire, said: dict) -> list[Account]:
    """The professional accounts that a first, short-lived token reaches, with tokens that live long."""
    by_facebook = settings.INSTAGRAM_LOGIN == FACEBOOK
    return _by_facebook(wire, said["access_token"]) if by_facebook else _by_instagram(wire, said)


def _by_facebook(wire: Wire, short: str) -> list[Account]:
    long = _long_lived(wire, short)
    granted = _read(wire, f"{base(FACEBOOK)}/me/permissions", token=long["access_token"]).get("data") or []
    scopes = [each["permission"] for each in granted if each.get("status") == "granted"]
    pages = _read(
        wire,
        f"{base(FACEBOOK)}/me/accounts",
        token=long["access_token"],
        fields="name,access_token,instagram_business_account{id,username,name}",
        limit="100",
    )
    found = []
    for page in pages.get("data") or []:
        if account := page.get("instagram_business_account"):
            # A page's own token, asked for with a long-lived one, has no end; the user's has one and is renewed.
            token = page.get("access_token") or long["access_token"]
            found.append(
                Account(
                    remote_id=str(account["id"]),
                    name=account.get("name") or account["username"],
                    handle=f"@{account['username']}",
                    note=page["name"],
                    credentials={"access_token": token, "login": FACEBOOK},
                    scopes=scopes,
                    token_expires_at=None if page.get("access_token") else oauth.expiry_of(long),
                )
            )
    return found


def _by_instagram(wire: Wire, said: dict) -> list[Account]:
    long = _read(
        wire,
        f"{host(INSTAGRAM)}/access_token",
        token=said["access_token"],
        grant_type="ig_exchange_token",
        client_secret=settings.INSTAGRAM_APP_SECRET,
        access_token=said["access_token"],
    )
    account = _read(wire, f"{base(INSTAGRAM)}/me", token=long["access_token"], fields="user_id,username,name")
    granted = said.get("permissions") or []
    return [
        Account(
            remote_id=str(account["user_id"]),
            name=account.get("name") or account["username"],
            handle=f"@{account['username']}",
            credentials={"access_token": long["access_token"], "login": INSTAGRAM},
            scopes=granted.split(",") if isinstance(granted, str) else list(granted),
            token_expires_at=oauth.expiry_of(long),
        )
    ]


def renewed(wire: Wire, stored: dict) -> tuple[dict, datetime | None]:
    """A token that lives as long again, for one that still holds."""
    if stored.get("login", settings.INSTAGRAM_LOGIN) == FACEBOOK:
        said = _long_lived(wire, stored["access_token"])
    else:
        said = _read(
            wire,
            f"{host(INSTAGRAM)}/refresh_access_token",
            token=stored["access_token"],
            grant_type="ig_refresh_token",
            access_token=stored["access_token"],
        )
    return {"access_token": said["access_token"]}, oauth.expiry_of(said) or timezone.now() + timedelta(days=60)


def _long_lived(wire: Wire, token: str) -> dict:
    return _read(
        wire,
        f"{base(FACEBOOK)}/oauth/access_token",
        token=token,
        grant_type="fb_exchange_token",
        client_id=settings.INSTAGRAM_APP_ID,
        client_secret=settings.INSTAGRAM_APP_SECRET,
        fb_exchange_token=token,
    )


def _read(wire: Wire, url: str, *, token: str, **query: str) -> dict:
    reply = wire.request("GET", f"{url}?{urlencode(query)}", headers={"Authorization": f"Bearer {token}"})
    if not reply.ok:
        raise _refused(reply)
    return reply.json()


def _refused(reply: Reply):
    said = reply.json().get("error") or {}
    detail = said.get("message") or str(reply.status)
    recognised = said.get("code") in (102, 190, 463, 467)
    return (ReconnectNeeded if recognised else TryLater)(f"Instagram: “{detail}”.")
