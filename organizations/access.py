"""Which organization the current request, task or command works for, and what its person may do there."""

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import replace

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.defaults import page_not_found
from psycopg.errors import InsufficientPrivilege

from .models import Membership, Organization
from .owners import owner_of_address
from .problems import Problem
from .roles import permissions_of, remembering_roles, role_of, with_seats
from .second_factors import is_missing
from .site_editors import PERMISSIONS, is_site_editor
from .walls import behind_wall_of, behind_wall_of_site, current_wall, outside_walls, put_up, standing

_current: ContextVar[Organization | None] = ContextVar("current_organization", default=None)


def current_organization() -> Organization | None:
    """The organization that the running code works for; none outside of one."""
    return _current.get()


@contextmanager
def working_for(organization: Organization | None):
    """Makes `organization` the current one inside the block, in a task or a command."""
    token = _current.set(organization)
    try:
        # A wall that stands already stays: nobody leaves an organization by this.
        with standing(current_wall()) if current_wall().stands else outside_walls(organization):
            yield organization
    finally:
        _current.reset(token)


def work_for(organization: Organization | None, *, user) -> None:
    """Makes `organization` the current one for the rest of this request: for views that learn it only late."""
    _current.set(organization)
    if not user.is_superuser:
        put_up(behind_wall_of(organization, user=user))


class CurrentOrganizationMiddleware:
    """Chooses a signed-in person's organization, and puts the wall around it for the length of a request.

    A request of nobody works behind a wall too: it sees what belongs to the
    public site, and an editor of the site may write that too. Operators
    (superusers) work outside, and so do the few addresses that concern people
    instead of an organization.

    Who lacks the second factor that their organization asks for works for
    none until they have set one up, operators too.
    """

    SESSION_KEY = "organization_id"
    SITE = "public-site"  # in place of an id: the person edits the public site now

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.memberships = self._memberships_of(request.user)
        organization = request.organization = self.choose(request)
        request.lacks_second_factor = False
        request.edits_site = organization is None and self._may_edit_site(request)
        if self._needs_one(request) and not request.edits_site:
            if organization is None:
                return redirect("organization_new")
            if organization.deleted_at:
                return redirect("organization_deleted", organization.pk)
        if is_missing(request.user, organization):
            if self._is_studio(request):
                return redirect("organization_second_factor", organization.pk)
            organization = request.organization = None
            request.lacks_second_factor = True
        token = _current.set(organization)
        try:
            with (
                standing(replace(self.wall(request), address=request.META.get("REMOTE_ADDR", ""))),
                remembering_roles(request.memberships) if request.method in ("GET", "HEAD") else nullcontext(),
            ):
                response = self.get_response(request)
                if getattr(response, "streaming", False):
                    response.streaming_content = self._behind(current_wall(), response.streaming_content)
        finally:
            _current.reset(token)
        if response.status_code == 404 and (other := self._other_of_mine(request)):
            if is_missing(request.user, other):
                return redirect("organization_second_factor", other.pk)
            request.session[self.SESSION_KEY] = str(other.pk)
            return redirect(request.get_full_path())
        return response

    def choose(self, request) -> Organization | None:
        """The organization that the person chose last, or else the one they joined first that is at work."""
        if not request.user.is_authenticated:
            return None
        memberships = sorted(request.memberships, key=lambda each: each.organization.deleted_at is not None)
        chosen = request.session.get(self.SESSION_KEY)
        if chosen == self.SITE and self._may_edit_site(request):
            return None
        membership = next((each for each in memberships if str(each.organization_id) == chosen), None)
        membership = membership or next(iter(memberships), None)
        if membership is None:
            return None
        self._remember_seen(membership)
        return membership.organization

    @staticmethod
    def _memberships_of(user) -> list[Membership]:
        """Where the person is a member, earliest first: asked once in a request."""
        if not user.is_authenticated:
            return []
        mine = Membership.objects.filter(user=user).select_related("organization").order_by("created_at")
        return list(with_seats(mine))

    def wall(self, request):
        if request.path.startswith(settings.PATHS_OUTSIDE_WALLS):
            return current_wall()
        if request.user.is_superuser and not request.lacks_second_factor:
            return current_wall()
        if request.edits_site:
            return behind_wall_of_site(user=request.user)
        return behind_wall_of(request.organization, user=request.user)

    def process_exception(self, request, exception):
        """What the database refuses to write because it is another's does not exist for the person.

        Nor does what an id names that no such thing can have; Wagtail's own pages ask for it without looking.
        And rules that hold wherever something is done, such as on deleting what a post needs, are explained
        where a page of Wagtail's knows nothing of them.
        """
        if isinstance(exception, Problem) and self._is_studio(request):
            return explain(request, exception)
        if refused_by_wall(exception) or _malformed_id(exception):
            return page_not_found(request, Http404())
        return None

    def _needs_one(self, request) -> bool:
        user = request.user
        return user.is_authenticated and not user.is_superuser and self._is_studio(request)

    @staticmethod
    def _is_studio(request) -> bool:
        return request.path.startswith(reverse("wagtailadmin_home"))

    @staticmethod
    def _may_edit_site(request) -> bool:
        user = request.user
        return user.is_authenticated and not user.is_superuser and is_site_editor(user)

    @staticmethod
    def _behind(wall, content):
        # Written while the answer is sent, after this middleware is done.
        content = iter(content)
        while True:
            with standing(wall):
                try:
                    part = next(content)
                except StopIteration:
                    return
            yield part

    @staticmethod
    def _remember_seen(membership) -> None:
        if cache.add(f"seen:{membership.pk}", True, timeout=300):
            Membership.objects.filter(pk=membership.pk).update(last_seen_at=timezone.now())

    def _other_of_mine(self, request) -> Organization | None:
        """Another of the person's organizations that owns what the address names, when it is only looked at."""
        if request.method != "GET" or not request.user.is_authenticated or request.user.is_superuser:
            return None
        owner_id = owner_of_address(request)
        if owner_id is None or (request.organization and owner_id == request.organization.pk):
            return None
        return Organization.objects.for_user(request.user).filter(pk=owner_id).first()


def explain(request, problem: Problem):
    """The problem as a page. For a script as JSON, and on the next page: Wagtail's own scripts show nothing of it."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        messages.error(request, problem.detail)
        return JsonResponse({"success": False, "error": problem.detail}, status=problem.status)
    return render(request, "organizations/problem.html", {"problem": problem}, status=problem.status)


def refused_by_wall(exception: BaseException) -> bool:
    """True if the database refused to write because the row is not this organization's."""
    return isinstance(exception.__cause__, InsufficientPrivilege)


def _malformed_id(exception: BaseException) -> bool:
    said = {ValueError: "expected a number but got", ValidationError: "is not a valid UUID"}
    return any(isinstance(exception, kind) and text in str(exception) for kind, text in said.items())


class RoleBackend(AuthenticationBackend):
    """Signs people in as allauth does. What they may do is what their role in the current organization allows.

    One person may be Owner here and Viewer there: permissions are never added
    up over organizations, and nothing but the table of roles gives any. Who
    edits the public site has what `site_editors` says, and no role meanwhile.
    """

    def get_user_permissions(self, user_obj, obj=None):
        return set()

    def get_group_permissions(self, user_obj, obj=None):
        return self.get_all_permissions(user_obj, obj)

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if current_wall().edits_site:
            return PERMISSIONS
        organization = current_organization()
        known = user_obj.__dict__.setdefault("_permissions_by_organization", {})
        key = organization.pk if organization else None
        if key not in known:
            role = role_of(user_obj, organization)
            known[key] = permissions_of(role) if role else set()
        return known[key]
