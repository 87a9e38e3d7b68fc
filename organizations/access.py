"""Which organization the current request, task or command works for, and what its person may do there."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.backends import ModelBackend

from .models import Organization

_current: ContextVar[Organization | None] = ContextVar("current_organization", default=None)


def current_organization() -> Organization | None:
    """The organization that the running code works for; none outside of one."""
    return _current.get()


@contextmanager
def working_for(organization: Organization | None):
    """Makes `organization` the current one inside the block."""
    token = _current.set(organization)
    try:
        yield organization
    finally:
        _current.reset(token)


def work_for(organization: Organization | None, *, user) -> None:
    """Makes `organization` the current one for the rest of this request: for views that learn it only late."""
    _current.set(organization)


class CurrentOrganizationMiddleware:
    """Sets the current organization of a signed-in person for the length of a request."""

    SESSION_KEY = "organization_id"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.organization = self.choose(request)
        with working_for(request.organization):
            return self.get_response(request)

    def choose(self, request):
        if not request.user.is_authenticated:
            return None
        mine = Organization.objects.for_user(request.user).order_by("memberships__created_at")
        chosen = request.session.get(self.SESSION_KEY)
        return (mine.filter(pk=chosen).first() if chosen else None) or mine.first()


class RoleBackend(ModelBackend):
    """Placeholder until roles are the source of permissions."""
