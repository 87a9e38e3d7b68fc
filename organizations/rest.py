"""What views of the API share: who asks, for which organization, whether their role allows it, and how things are said.

What is sent in comes through a `GivenSerializer`, and lists go out by `CursorPages`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.fields import empty
from rest_framework.pagination import CursorPagination

from . import deleting, idempotency, keys, second_factors
from .access import work_for
from .json_types import require_types
from .models import ApiKey, KeptAnswer, Organization, validate_timezone
from .problems import Forbidden, NotFound, Problem
from .roles import Action, require
from .walls import current_wall, from_address, put_up


class OrganizationNeeded(Problem):
    slug = "organization-needed"
    title = "Which organization is not said"


class TokenAuthentication(JWTTokenAuthentication):
    """`Authorization: Bearer <access token, or API key>`."""

    keyword = "Bearer"

    def authenticate_credentials(self, key):
        # Who asks is found before it is known for whom the request works.
        before = current_wall()
        try:
            put_up(from_address(before.address))
            user, auth = self._of_key(key) if key.startswith(keys.BEGINNING) else self._of_token(key)
        except BaseException:
            put_up(before)
            raise
        if user.is_superuser:
            put_up(before)
        work_for(None, user=user)
        return user, auth

    def _of_key(self, key):
        api_key = keys.key_of(key)
        if api_key is None:
            raise AuthenticationFailed(_("The API key is not valid, or was revoked."))
        return api_key.created_by, api_key

    def _of_token(self, key):
        try:
            user, payload = super().authenticate_credentials(key)
        except AuthenticationFailed as err:
            raise AuthenticationFailed(_("The access token is not valid or has expired. Get a new one.")) from err
        if not user.is_active:
            raise AuthenticationFailed(_("This account is switched off."))
        return user, payload

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class TokenAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of a person (`auth_token_create`), or an API key (`cs_…`).",
        }


class OrganizationViewMixin:
    """For views of the API that work for one organization: `self.organization`.

    The caller names it by `organization_id`, in the query or in the JSON body;
    somebody who belongs to only one need not. `required_action` is what the
    role must allow; `required_actions` says it for a viewset's actions or for
    HTTP methods that need another. `only_people` names those that no API key
    may ask for, whatever its scopes, and `shown_once` the fields of an answer
    that are secret, so that none is kept for an `Idempotency-Key`. In
    `query_parameters` stands what may be in the query besides filters and pages.
    """

    request: Any  # of REST framework: Django's is wrapped in it
    required_action: Action = Action.VIEW
    required_actions: dict[str, Action] = {}
    only_people: tuple[str, ...] = ()
    shown_once: tuple[str, ...] = ()
    query_parameters: tuple[str, ...] = ()
    kept_answer: KeptAnswer | None = None
    _chosen: Organization | None = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if not self._is_offered(request):
            return  # answered with 405
        self.organization = self.choose_organization(request)
        second_factors.require_one(request.user, self.organization)
        request._request.organization = self.organization
        work_for(self.organization, user=request.user)
        self.check_role(request)
        self.check_query(request.query_params)
        self.kept_answer = idempotency.begin(request, organization=self.organization)

    def check_throttles(self, request):
        if self._is_offered(request):
            super().check_throttles(request)

    def check_role(self, request) -> None:
        require(request.user, self.get_required_action(), organization=self.organization)
        if isinstance(request.auth, ApiKey):
            keys.require_scope(request.auth, self.get_required_action())
            if set(self._names()) & set(self.only_people):
                raise keys.PeopleOnly(_("An API key cannot do this. Sign in as a person."))

    def check_query(self, query) -> None:
        """Refuses parameters that do not exist here, such as the `page` of a list that has a `cursor`."""
        known = self.known_parameters()
        if unknown := sorted(set(query) - known):
            told = _("There is no such parameter here. There is: %(known)s.") % {"known": ", ".join(sorted(known))}
            raise exceptions.ValidationError({name: [told] for name in unknown}, code="unknown_parameter")
        refuse_empty(query)

    def known_parameters(self) -> set[str]:
        known = {"organization_id", *self.query_parameters}
        if filters := getattr(self, "filterset_class", None):
            known |= set(filters.base_filters)
        if pages := getattr(self, "pagination_class", None):
            known |= {pages.page_size_query_param, pages.cursor_query_param}
        return known

    def handle_exception(self, exc):
        if isinstance(exc, idempotency.Replayed):
            return exc.response()
        return super().handle_exception(exc)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.kept_answer:
            idempotency.finish(self.kept_answer, response, without=self.shown_once)
        return response

    def get_required_action(self) -> Action:
        for name in self._names():
            if name in self.required_actions:
                return self.required_actions[name]
        return self.required_action

    def _names(self) -> tuple[str, str]:
        """What is asked for: the viewset's action, where there is one, and the HTTP method."""
        return getattr(self, "action", None) or "", self.request.method.lower()

    def said(self, serializer_class, **kwargs) -> dict:
        """What the request says, checked by `serializer_class`."""
        serializer = serializer_class(data=self.request.data or {}, context=self.said_in(), **kwargs)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def said_in(self) -> dict:
        return {"organization": self.organization, "request": self.request}

    def choose_organization(self, request) -> Organization:
        """The organization that the request is for. Throttles ask before the view does; it is looked up once."""
        if self._chosen is None:
            self._chosen = self._choose(request)
        return self._chosen

    def _choose(self, request) -> Organization:
        named = request.query_params.get("organization_id")
        if named is None and isinstance(request.data, dict):
            named = request.data.get("organization_id")
        if named is None:
            return self._only_one(self._organizations_of(request))
        return self.own_organization(request, named)

    def own_organization(self, request, named) -> Organization:
        """The organization with this id that the caller belongs to, or 404."""
        try:
            found = self._organizations_of(request).get(pk=UUID(str(named)))
        except (ValueError, Organization.DoesNotExist) as err:
            raise NotFound(_("You belong to no organization with this id. GET /api/v1/me/ lists yours.")) from err
        self.require_at_work(found)
        return found

    def require_at_work(self, organization) -> None:
        deleting.require_at_work(organization)

    def _organizations_of(self, request):
        mine = Organization.objects.for_user(request.user)
        return mine.filter(pk=request.auth.organization_id) if isinstance(request.auth, ApiKey) else mine

    def _only_one(self, mine) -> Organization:
        candidates = list(mine.at_work()[:2])
        if not candidates:
            if deleted := mine.first():
                self.require_at_work(deleted)
            raise Forbidden(_("You belong to no organization yet. Create one in the studio, or accept an invitation."))
        if len(candidates) > 1:
            raise OrganizationNeeded(
                _("You belong to several organizations: say which by `organization_id`. GET /api/v1/me/ lists yours.")
            )
        return candidates[0]

    def _is_offered(self, request) -> bool:
        return request.method.lower() in self._offered_methods()

    def _offered_methods(self):
        offered = getattr(self, "action_map", None)
        if offered is None:
            return [name for name in self.http_method_names if hasattr(self, name)]
        return offered


def refuse_empty(query) -> None:
    """Refuses a parameter without a value: where a tool's own variable is empty, it would be shown everything."""
    if empty := [name for name, values in query.lists() if "" in values]:
        told = _("Give a value, or leave it out.")
        raise exceptions.ValidationError({name: [told] for name in empty}, code="empty")


def known_timezone(name: str) -> None:
    """Refuses, as a field error, what is no IANA zone."""
    try:
        validate_timezone(name)
    except ValidationError as err:
        raise exceptions.ValidationError(err.messages, code="unknown_timezone") from err


ORGANIZATION_ID = serializers.UUIDField()


def _require_id(value) -> None:
    try:
        ORGANIZATION_ID.run_validation(value)
    except exceptions.ValidationError as err:
        raise exceptions.ValidationError({"organization_id": err.detail}) from err


class GivenSerializer(serializers.Serializer):
    """What a caller sends. A slip of the pen must not pass for a success: a field that does not exist is refused,
    and so is a value of another type than the field's.

    `needed` names the fields that a change has to name too, where what is changed is not in the address.
    `for_organization` says that the caller may name the organization in it, for `OrganizationViewMixin`.
    """

    needed: tuple[str, ...] = ()
    for_organization = True

    def __init__(self, *args, partial: bool = False, **kwargs):
        """`partial` leaves out fields of this serializer alone. What is inside of one that is given is whole."""
        super().__init__(*args, **kwargs)
        if partial:
            for field in self.fields.values():
                field.required, field.default = False, empty

    def to_internal_value(self, data):
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if self.parent is None and self.for_organization:
                known.add("organization_id")
            if unknown := sorted(str(name) for name in data if name not in known):
                told = _("There is no such field here. There is: %(known)s.") % {"known": ", ".join(sorted(known))}
                raise exceptions.ValidationError({name: [told] for name in unknown}, code="unknown_field")
            if not isinstance(data, QueryDict):  # there, everything is a string
                require_types({"organization_id": ORGANIZATION_ID, **self.fields}, data)
            if "organization_id" in data and "organization_id" not in self.fields:
                _require_id(data["organization_id"])
        return super().to_internal_value(data)


class CursorPages(CursorPagination):
    """A page at a time: `next` and `previous` lead on. What is added meanwhile neither repeats nor hides a row."""

    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering: str | tuple[str, ...] = ("-created_at", "-pk")

    def get_page_size(self, request):
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= self.max_page_size):
            told = _("Give a whole number from 1 to %(most)d.") % {"most": self.max_page_size}
            raise exceptions.ValidationError({self.page_size_query_param: [told]})
        return int(asked)

    def paginate_queryset(self, queryset, request, view=None):
        refuse_empty(request.query_params)
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except (ValueError, ValidationError) as err:  # a cursor that nobody here has made
            raise exceptions.NotFound(self.invalid_cursor_message) from err

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        for each in parameters:
            if each["name"] == self.page_size_query_param:
                each["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": 25}
            elif each["name"] == self.cursor_query_param:
                each["schema"] = {"type": "string", "minLength": 1}
        return parameters
