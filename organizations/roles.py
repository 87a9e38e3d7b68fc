"""What each role may do: the only table of it. Permissions in the studio and in the API derive from here."""

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
    MANAGE_CHANNELS = "manage_channels", _("Connect and suspend channels")
    MANAGE_PEOPLE = "manage_people", _("Invite people and change roles below Owner")
    MANAGE_KEYS = "manage_keys", _("Create and revoke API keys and webhooks")
    MANAGE_SETTINGS = "manage_settings", _("Change the organization's settings")
    READ_AUDIT_LOG = "read_audit_log", _("Read the audit log")
    MANAGE_BILLING = "manage_billing", _("Choose the plan and see invoices")
    TRANSFER = "transfer", _("Make somebody else an Owner")
    DELETE = "delete", _("Delete the organization")


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
_OWNER = _ADMIN | {Action.MANAGE_BILLING, Action.TRANSFER, Action.DELETE}

ACTIONS_OF_ROLE: dict[Role, set[Action]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.MEMBER: _MEMBER,
    Role.VIEWER: _VIEWER,
}


def role_of(user, organization) -> Role | None:
    """The role that `user` has in `organization`; none for an outsider."""
    if organization is None or not user.is_authenticated:
        return None
    membership = Membership.objects.filter(user=user, organization=organization).only("role").first()
    return Role(membership.role) if membership else None


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
