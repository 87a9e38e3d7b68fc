"""The API's root: its addresses, its description, and how every error looks."""

import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.http import Http404
from django.urls import Resolver404, include, path, re_path, resolve
from django.utils.translation import gettext as _
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework import exceptions, status
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from organizations import api as organizations_api
from organizations.access import refused_by_wall
from organizations.problems import NotFound, Problem

from .faults import INTERNAL, PROBLEM_MEDIA_TYPE, PROBLEM_TYPES, RETRY_AFTER, UNAVAILABLE, fault_of

logger = logging.getLogger(__name__)


# What goes wrong before any rule of the product is asked: (slug, title) by status.
GENERAL_PROBLEMS = {
    400: ("malformed-request", "The request cannot be read"),
    401: ("not-authenticated", "Authentication is needed"),
    403: ("forbidden", "Your role does not allow this"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "This method is not offered here"),
    406: ("not-acceptable", "No acceptable form of answer"),
    413: ("request-too-large", "The request is too large"),
    415: ("unsupported-media-type", "This form of request is not understood"),
    429: ("too-many-requests", "Too many requests"),
}
VALIDATION = ("validation-error", "Some fields are not valid")


def problem_details(exc, context):
    """Every error of the API, as a problem document (RFC 9457)."""
    set_rollback()
    if isinstance(exc, Problem):
        answer = _problem(exc.status, (exc.slug, exc.title), exc.detail, **exc.extra)
        for name, value in getattr(exc, "headers", {}).items():
            answer[name] = value
        return answer
    if isinstance(exc, exceptions.ValidationError):
        errors = exc.get_full_details()
        return _problem(400, VALIDATION, _("See `errors` for what is wrong with each field."), errors=_by_field(errors))
    if isinstance(exc, Http404) or refused_by_wall(exc):
        exc = exceptions.NotFound(_("There is nothing here, or nothing that you may see."))
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        return _problem(413, GENERAL_PROBLEMS[413], _("Send less than %(bytes)s bytes.") % {"bytes": _most_bytes()})
    if isinstance(exc, exceptions.APIException) and exc.status_code in GENERAL_PROBLEMS:
        answer = _problem(exc.status_code, GENERAL_PROBLEMS[exc.status_code], str(exc.detail))
        if wait := getattr(exc, "wait", None):
            answer["Retry-After"] = str(int(wait))
        return answer
    return _internal_error(exc, context)


def _internal_error(exc, context):
    request = context.get("request")
    logger.error("Unexpected error in %s", getattr(request, "path", "the API"), exc_info=exc)
    got_request_exception.send(sender=None, request=getattr(request, "_request", None))
    fault = fault_of(exc) or INTERNAL
    answer = _problem(fault.status, (fault.slug, fault.title), fault.detail)
    if fault is UNAVAILABLE:
        answer["Retry-After"] = RETRY_AFTER
    return answer


def _problem(status_code: int, kind: tuple, detail, **extra) -> Response:
    slug, title = kind
    document = {
        "type": PROBLEM_TYPES + slug,
        "title": str(title),
        "status": status_code,
        "detail": str(detail),
        **extra,
    }
    answer = Response(document, status=status_code, content_type=PROBLEM_MEDIA_TYPE)
    if status_code == status.HTTP_401_UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="api"'
    return answer


def _by_field(details, name: str = "") -> list[dict]:
    """DRF's nested details as a flat list of `field` (dotted), `code` and `message`."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and not isinstance(details["message"], dict):
        field = name.removesuffix("non_field_errors").removesuffix(".")
        return [{"field": field, "code": str(details["code"]), "message": str(details["message"])}]
    if isinstance(details, dict):
        items = [(".".join(filter(None, (name, str(key)))), each) for key, each in details.items()]
    else:
        leaves = all(isinstance(each, dict) and set(each) == {"message", "code"} for each in details)
        items = [(name if leaves else f"{name}.{index}", each) for index, each in enumerate(details)]
    return [error for field, each in items for error in _by_field(each, field)]


def _most_bytes() -> int:
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class NothingHereView(APIView):
    """Any other address below /api/: a problem document instead of a page for people."""

    authentication_classes: list = []
    permission_classes = [AllowAny]
    schema = None

    def dispatch(self, request, *args, **kwargs):
        self.http_method_names = []
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request, *args, **kwargs):
        if not self.request.path.endswith("/") and _is_there(f"{self.request.path}/"):
            raise NotFound(_("Addresses of the API end with a slash: %(path)s/") % {"path": self.request.path})
        raise NotFound(_("There is no such address in the API. See /api/schema/swagger-ui/ for those that exist."))


def _is_there(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "view_class", None) is not NothingHereView
    except Resolver404:
        return False


open_to_all = {"authentication_classes": [], "permission_classes": [AllowAny]}
to_be_read = open_to_all | {"http_method_names": ["get", "head"]}  # their answer to OPTIONS is a page without a name

# Each app adds its own addresses here by one line.
v1 = [
    path("", include(organizations_api)),
    path("", include("billing.api")),
    path("", include("content_studio.api.urls")),
    path("", include("publishing.api")),
    path("", include("webhooks.api")),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SpectacularAPIView.as_view(**open_to_all), name="schema"),
    path("schema/swagger-ui/", SpectacularSwaggerView.as_view(**to_be_read), name="swagger-ui"),
    path("schema/redoc/", SpectacularRedocView.as_view(**to_be_read), name="redoc"),
    re_path(r"^", NothingHereView.as_view()),
]
