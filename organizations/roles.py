"""What each role may do: the only table of it. Permissions in the studio and in the API derive from here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from .models import Membership, Role
from .problems import Forbidden


class Action(models.TextChoices):
    """Something that a person does with what belongs to an organization."""

    VIEW = "view", _("See posts, media, the calendar and results")
    COMMENT = "comment", _("Comment on posts")
    WRITE = "write", _("Write and edit posts, and add media")
    GENERATE = "generate", _("Write with AI")
    SUBMIT = "submit", _("Submit posts for review")
    APPROVE = "approve", _("Approve posts or ask for changes")
    PUBLISH = "publish", _("Schedule, publish, retry and cancel")
    MANAGE_CHANNELS = "manage_channels", _("Connect, suspend and disconnect channels")
    MANAGE_PEOPLE = "manage_people", _("Invite people and change roles below Owner")
    MANAGE_KEYS = "manage_keys", _("Create and revoke API keys and webhooks")
    MANAGE_SETTINGS = "manage_settings", _("Change the organization's settings")
    DEMAND_SECOND_FACTOR = "demand_second_factor", _("Demand a second factor of everybody")
    READ_AUDIT_LOG = "read_audit_log", _("Read the audit log")
    MANAGE_BILLING = "manage_billing", _("Choose the plan and see invoices")
    TRANSFER = "transfer", _("Make somebody else an Owner")
    EXPORT = "export", _("Take all of the organization's data along")
    DELETE = "delete", _("Delete the organization, and bring it back")


_VIEWER = {Action.VIEW, Action.COMMENT}
_MEMBER = _VIEWER | {Action.WRITE, Action.GENERATE, Action.SUBMIT}
_ADMIN = _MEMBER | {
    Action.APPROVE,
    Action.PUBLISH,
    Action.MANAGE_CHANNELS,
    Action.MANAGE_PEOPLE,
    Action.MANAGE_KEYS,
    Action.MANAGE_SETTINGS,
    Action.READ_AUDIT_LOG,
}
_OWNER = _ADMIN | {
    Action.DEMAND_SECOND_FACTOR,
    Action.MANAGE_BILLING,
    Action.TRANSFER,
    Action.EXPORT,
    Action.DELETE,
}

ACTIONS_OF_ROLE: dict[Role, set[Action]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.MEMBER: _MEMBER,
    Role.VIEWER: _VIEWER,
}


# What an action means to Django and Wagtail. Groups and the authentication
# backend derive from these; names of models that only exist in apps above are
# strings on purpose.
PERMISSIONS_OF_ACTION: dict[Action, set[str]] = {
    Action.VIEW: {
        "wagtailadmin.access_admin",
        "content_studio.view_socialpost",
        "content_studio.view_generation",
        "publishing.view_channel",
        "publishing.view_delivery",
        "publishing.view_attempt",
        "publishing.view_sandboxpost",
        "organizations.view_organization",
        "organizations.view_membership",
    },
    Action.WRITE: {"content_studio.add_socialpost", "content_studio.change_socialpost"},
    Action.GENERATE: {"content_studio.add_generation"},
    Action.PUBLISH: {"publishing.change_delivery"},
    Action.MANAGE_CHANNELS: {
        "publishing.add_channel",
        "publishing.change_channel",
        "publishing.delete_channel",
    },
    Action.MANAGE_PEOPLE: {
        "organizations.add_membership",
        "organizations.change_membership",
        "organizations.delete_membership",
    },
    Action.MANAGE_SETTINGS: {"organizations.change_organization"},
    Action.MANAGE_BILLING: {"billing.view_usageperiod", "billing.view_usageentry"},
    Action.DELETE: {"organizations.delete_organization"},
}

# On an organization's own pages, and in its own collection of media. A Viewer
# has none: Wagtail knows no read-only access, so what a Viewer sees is shown by
# the studio's own screens.
PAGE_PERMISSIONS_OF_ACTION: dict[Action, set[str]] = {
    Action.WRITE: {"add_basepage", "change_basepage"},
    Action.PUBLISH: {"publish_basepage", "lock_basepage", "unlock_basepage", "bulk_delete_basepage"},
}
COLLECTION_PERMISSIONS_OF_ACTION: dict[Action, set[str]] = {
    Action.VIEW: {"wagtailimages.choose_image", "wagtaildocs.choose_document"},
    Action.WRITE: {"wagtailimages.add_image", "wagtaildocs.add_document"},
    Action.MANAGE_SETTINGS: {
        "wagtailimages.change_image",
        "wagtaildocs.change_document",
        "wagtailcore.add_collection",
        "wagtailcore.change_collection",
        "wagtailcore.delete_collection",
    },
}


def permissions_of(role: Role) -> set[str]:
    """Django's permissions that `role` gives, as `app_label.codename`."""
    return _derived(PERMISSIONS_OF_ACTION, role)


def page_permissions_of(role: Role) -> set[str]:
    """Code names of the permissions that `role` gives on every page of its organization."""
    return _derived(PAGE_PERMISSIONS_OF_ACTION, role)


def collection_permissions_of(role: Role) -> set[str]:
    """Permissions that `role` gives in its organization's collection, as `app_label.codename`."""
    return _derived(COLLECTION_PERMISSIONS_OF_ACTION, role)


def roles_that_may(action: Action) -> list[Role]:
    """The roles that allow `action`, most powerful first."""
    return [role for role in Role if action in ACTIONS_OF_ROLE[role]]


def _derived(table: dict[Action, set[str]], role: Role) -> set[str]:
    return set().union(*(table.get(action, set()) for action in ACTIONS_OF_ROLE[role]))


# An app above may know of people who have a role and no seat for it: they read until there is one.
_NEEDS_A_SEAT = {Role.ADMIN, Role.MEMBER}
_reads_only: list[models.Exists] = []


def reads_only_if(condition: models.Exists) -> None:
    """Adds a condition on memberships; one that meets it allows no more than a Viewer may."""
    _reads_only.append(condition)


def role_of(user, organization) -> Role | None:
    """The role that `user` may use in `organization`; none for an outsider, nor for anybody once it is deleted."""
    return None if organization is None or organization.deleted_at else role_in(user, organization.pk)


def role_in(user, organization_id) -> Role | None:
    """`role_of`, by the organization's id. Asks the database once."""
    if organization_id is None or not user.is_authenticated:
        return None
    known = _remembered.get()
    if known is None:
        return _ask_for_role(user, organization_id)
    key = (user.pk, organization_id)
    if key not in known:
        known[key] = _ask_for_role(user, organization_id)
    return known[key]


def with_seats(memberships: models.QuerySet[Membership]) -> Any:
    """The memberships, each with `reads_only`: whether it has no seat now."""
    conditions = models.Q(*_reads_only, _connector=models.Q.OR) if _reads_only else models.Value(False)
    return memberships.annotate(reads_only=conditions)


def _ask_for_role(user, organization_id) -> Role | None:
    mine = with_seats(Membership.objects.filter(user=user, organization=organization_id, organization__deleted_at=None))
    found = mine.values("role", "reads_only").first()
    return _usable(found["role"], found["reads_only"]) if found else None


def _usable(role: str, reads_only: bool) -> Role:
    return Role.VIEWER if reads_only and role in _NEEDS_A_SEAT else Role(role)


# A page asks for the same role at every button. Whoever only reads may do so in one role from
# the beginning to the end; whoever writes is asked for it each time, under the locks taken by then.
_remembered: ContextVar[dict[tuple, Role | None] | None] = ContextVar("remembered_roles", default=None)


@contextmanager
def remembering_roles(memberships: Iterable[Any] = ()) -> Iterator[None]:
    """Lets each role be looked up once inside of the block: for requests that change nothing.

    Those of `memberships` (as `with_seats` gives them, with their organizations) are known from the beginning.
    """
    at_work = (each for each in memberships if not each.organization.deleted_at)
    known: dict[tuple, Role | None] = {
        (each.user_id, each.organization_id): _usable(each.role, each.reads_only) for each in at_work
    }
    token = _remembered.set(known)
    try:
        yield
    finally:
        _remembered.reset(token)


def may(user, action: Action, *, organization) -> bool:
    """True if the role that `user` has in `organization` allows `action`."""
    role = role_of(user, organization)
    return role is not None and user.is_active and action in ACTIONS_OF_ROLE[role]


def require(user, action: Action, *, organization) -> None:
    """Raises Forbidden, with a sentence for the person, unless `may(...)`."""
    if not may(user, action, organization=organization):
        raise Forbidden(
            _("Your role in this organization does not allow this: %(action)s. Ask an Admin or Owner.")
            % {"action": action.label.lower()}
        )
