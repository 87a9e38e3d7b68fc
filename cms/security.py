"""What browsers may do with our pages: the content security policy and the permissions policy.

Pages of ours run scripts from this site only, inline ones with a nonce
(`<script nonce="{{ request.csp_nonce }}">`). Two areas need more, and say why:
the studio, because Wagtail's admin has inline scripts without nonces in its
date fields and in panels that it loads later, and the API documentation,
because its viewers write inline styles.
"""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .social_logins import unencrypted_origins

PAGES: dict[str, list[Any]] = {
    "default-src": [SELF],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, NONCE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "media-src": [SELF, "blob:"],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [SELF],
    "frame-ancestors": [SELF],  # the studio shows previews in a frame
    # A form's answer may lead on to Stripe, a log-in service or a network of any address.
    "form-action": [SELF, "https:"],
}
STUDIO: dict[str, list[Any]] = {
    **PAGES,
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:", "https:"],  # pictures of channels lie with their networks
}
API_DOCUMENTATION: dict[str, list[Any]] = {
    **PAGES,
    "style-src": [SELF, UNSAFE_INLINE],
    "worker-src": [SELF, "blob:"],
}
BY_PREFIX = {"/admin/": STUDIO, "/api/schema/": API_DOCUMENTATION}

# Features of the browser that no page of ours uses.
UNUSED = ["accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "usb"]
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The policy of the area that the page belongs to."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        if report_only or parts.config is not None:
            return parts
        policy = next((policy for prefix, policy in BY_PREFIX.items() if request.path_info.startswith(prefix)), PAGES)
        parts.config = {**policy, **_elsewhere(policy)}
        return parts


def _elsewhere(policy: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Static files, media, the public site's analytics and a stand-in for Stripe may lie on hosts of their own."""
    added = {}
    if settings.STRIPE_API_BASE.startswith("http:"):  # on one's own machine: its pages are there too
        added["form-action"] = [*policy["form-action"], settings.STRIPE_API_BASE]
    if settings.STATIC_HOST:
        for directive in ("script-src", "style-src", "img-src", "font-src"):
            added[directive] = [*policy[directive], settings.STATIC_HOST]
    if settings.MEDIA_HOST:
        for directive in ("img-src", "media-src"):
            added[directive] = [*added.get(directive, policy[directive]), settings.MEDIA_HOST]
    if analytics := urlsplit(settings.SITE_ANALYTICS["src"]).netloc:
        for directive in ("script-src", "connect-src"):
            added[directive] = [*added.get(directive, policy[directive]), f"https://{analytics}"]
    if origins := unencrypted_origins(settings.SOCIALACCOUNT_PROVIDERS):
        added["form-action"] = [*added.get("form-action", policy["form-action"]), *origins]
    return added


class NothingKeptMiddleware:
    """Tells browsers and proxies to keep no answer of the API: it belongs to whoever asked with a token."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/api/v1/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class PermissionsPolicyMiddleware:
    """Switches off what no page of ours uses: camera, microphone, location and the like."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
