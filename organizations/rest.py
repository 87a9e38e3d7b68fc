"""What views of the API share: who asks, for which organization, and whether their role allows it."""

from uuid import UUID

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed

from . import idempotency, keys
from .access import work_for
from .models import ApiKey, KeptAnswer, Organization
from .problems import Forbidden, NotFound, Problem
from .roles import Action, require
from .walls import outside_walls


class OrganizationNeeded(Problem):
    slug = "organization-needed"
    title = "Which organization is not said"


class TokenAuthentication(JWTTokenAuthentication):
    """`Authorization: Bearer <access token, or API key>`."""

    keyword = "Bearer"

    def authenticate_credentials(self, key):
        # Who asks is found before it is known for whom the request works.
        if key.startswith(keys.BEGINNING):
            with outside_walls():
                api_key = keys.key_of(key)
            if api_key is None:
                raise AuthenticationFailed(_("The API key is not valid, or was revoked."))
            work_for(None, user=api_key.created_by)
            return api_key.created_by, api_key
        with outside_walls():
            try:
                user, payload = super().authenticate_credentials(key)
            except AuthenticationFailed as err:
                raise AuthenticationFailed(_("The access token is not valid or has expired. Get a new one.")) from err
            if not user.is_active:
                raise AuthenticationFailed(_("This account is switched off."))
        work_for(None, user=user)
        return user, payload

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class TokenAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class OrganizationViewMixin:
    """For views of the API that work for one organization: `self.organization`.

    The caller names it by `organization_id`, in the query or in the JSON body;
    somebody who belongs to only one need not. `required_action` is what the
    role must allow; `required_actions` says it for a viewset's actions or for
    HTTP methods that need another.
    """

    required_action: Action = Action.VIEW
    required_actions: dict[str, Action] = {}
    kept_answer: KeptAnswer | None = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method.lower() not in self._offered_methods():
            return  # answered with 405
        self.organization = self.choose_organization(request)
        request._request.organization = self.organization
        work_for(self.organization, user=request.user)
        require(request.user, self.get_required_action(), organization=self.organization)
        if isinstance(request.auth, ApiKey):
            keys.require_scope(request.auth, self.get_required_action())
        self.kept_answer = idempotency.begin(request, organization=self.organization)

    def handle_exception(self, exc):
        if isinstance(exc, idempotency.Replayed):
            return exc.response()
        return super().handle_exception(exc)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.kept_answer:
            idempotency.finish(self.kept_answer, response)
        return response

    def get_required_action(self) -> Action:
        for name in (getattr(self, "action", None), self.request.method.lower()):
            if name in self.required_actions:
                return self.required_actions[name]
        return self.required_action

    def choose_organization(self, request) -> Organization:
        mine = Organization.objects.for_user(request.user)
        named = request.query_params.get("organization_id")
        if named is None and isinstance(request.data, dict):
            named = request.data.get("organization_id")
        if isinstance(request.auth, ApiKey):
            mine = mine.filter(pk=request.auth.organization_id)
        if named in (None, ""):
            return self._only_one(mine)
        try:
            return mine.get(pk=UUID(str(named)))
        except (ValueError, Organization.DoesNotExist) as err:
            raise NotFound(_("You belong to no organization with this id. GET /api/v1/me/ lists yours.")) from err

    def _only_one(self, mine) -> Organization:
        candidates = list(mine[:2])
        if not candidates:
            raise Forbidden(_("You belong to no organization yet. Create one in the studio, or accept an invitation."))
        if len(candidates) > 1:
            raise OrganizationNeeded(
                _("You belong to several organizations: say which by `organization_id`. GET /api/v1/me/ lists yours.")
            )
        return candidates[0]

    def _offered_methods(self):
        offered = getattr(self, "action_map", None)
        if offered is None:
            return [name for name in self.http_method_names if hasattr(self, name)]
        return offered
