"""Keys with which tools use the API: for one organization, in the name of who made them, within scopes."""

import secrets

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from .models import ApiKey, Membership
from .models.invitations import digest
from .problems import Conflict, Forbidden
from .roles import Action, require

BEGINNING = "cs_"

ACTIONS_OF_SCOPE: dict[str, set[Action]] = {
    ApiKey.Scope.READ: {Action.VIEW},
    ApiKey.Scope.WRITE: {Action.COMMENT, Action.WRITE, Action.GENERATE, Action.SUBMIT},
    ApiKey.Scope.PUBLISH: {Action.APPROVE, Action.PUBLISH},
    ApiKey.Scope.CHANNELS: {Action.MANAGE_CHANNELS},
}


class ScopeMissing(Forbidden):
    slug = "scope-missing"
    title = "The API key's scopes do not allow this"


class PeopleOnly(Forbidden):
    slug = "people-only"
    title = "Only a person may do this"


@transaction.atomic
def create_key(organization, *, name: str, scopes: list[str], user) -> tuple[ApiKey, str]:
    """A new key, and its secret, which is never to be had again."""
    require(user, Action.MANAGE_KEYS, organization=organization)
    secret = BEGINNING + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        organization=organization,
        name=name,
        prefix=secret[:10],
        secret_digest=digest(secret),
        scopes=sorted(scopes),
        created_by=user,
    )
    log(organization, "organizations.create_key", user=user, data={"name": name})
    return key, secret


@transaction.atomic
def revoke_key(key, *, user) -> ApiKey:
    """Ends the key at once."""
    require(user, Action.MANAGE_KEYS, organization=key.organization)
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("organization").get(pk=key.pk)
    if key.revoked_at:
        raise Conflict(_("This key was revoked already."))
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    log(key.organization, "organizations.revoke_key", user=user, data={"name": key.name})
    return key


def key_of(secret: str) -> ApiKey | None:
    """The key with this secret, while it is valid and who made it still works in the organization."""
    key = ApiKey.objects.filter(secret_digest=digest(secret), revoked_at=None).select_related("created_by").first()
    if key is None or key.created_by is None or not key.created_by.is_active:
        return None
    if not Membership.objects.filter(organization=key.organization_id, user=key.created_by).exists():
        return None
    if cache.add(f"key-used:{key.pk}", True, timeout=60):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
    return key


def require_scope(key: ApiKey, action: Action) -> None:
    """Raises ScopeMissing unless one of the key's scopes allows `action`."""
    if not any(action in ACTIONS_OF_SCOPE[scope] for scope in key.scopes if scope in ACTIONS_OF_SCOPE):
        raise ScopeMissing(_("Make a key with another scope under Settings, API keys."))
