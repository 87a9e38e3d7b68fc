"""How the organization of a request stands: asked once, for everything on the page that shows some of it."""

from dataclasses import dataclass

from organizations.roles import ACTIONS_OF_ROLE, Action, Role, role_of

from . import quotas
from .entitlements import Standing
from .quotas import Allowance

SEE_USAGE = Action.READ_AUDIT_LOG  # who did what and how much of it: Admins and Owners


@dataclass(frozen=True)
class Glance:
    """The plan and what is left of it, as somebody with `role` looks at it."""

    role: Role
    standing: Standing
    allowance: Allowance

    def may(self, action: Action) -> bool:
        return action in ACTIONS_OF_ROLE[self.role]


def glance_of(request) -> Glance | None:
    """None for those whose role shows nothing of the plan. The answer holds for the length of the request."""
    if not hasattr(request, "_billing_glance"):
        request._billing_glance = _look(request)
    return request._billing_glance


def _look(request) -> Glance | None:
    organization = getattr(request, "organization", None)
    role = role_of(request.user, organization)
    if organization is None or role is None or Action.GENERATE not in ACTIONS_OF_ROLE[role]:
        return None
    return Glance(role, *quotas.look(organization))
