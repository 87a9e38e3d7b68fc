"""The team page: who is here, who is invited, and what one may change about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import second_factors, team
from organizations.forms import InvitationForm
from organizations.models import Invitation, Membership, Role
from organizations.problems import Problem
from organizations.roles import ACTIONS_OF_ROLE, Action
from organizations.studio import ActionView, StudioPage


class TeamView(StudioPage):
    """Everybody who belongs to the organization; with the right to, one invites and changes from here."""

    template_name = "organizations/team.html"
    page_title = gettext_lazy("Team")
    header_icon = "group"

    @property
    def asks_who_it_is(self):
        return self.request.POST.get("role") == Role.OWNER

    def get_confirmed_url(self):
        asked = {name: self.request.POST.get(name, "") for name in ("email", "role")}
        return f"{reverse('team')}?{urlencode(asked)}"

    @cached_property
    def roles(self):
        return team.roles_that_may_be_given(self.request.user, self.organization)

    def get_context_data(self, **kwargs):
        people = list(self.organization.memberships.select_related("user__wagtail_userprofile"))
        without = second_factors.people_without(self.organization) if self.roles else set()
        total, only_without = len(people), bool(self.roles) and "without_second_factor" in self.request.GET
        if only_without:
            people = [each for each in people if each.user_id in without]
        order = list(Role)
        people.sort(key=lambda each: (order.index(Role(each.role)), str(each.user).lower()))
        for each in people:
            each.is_me = each.user_id == self.request.user.pk
            each.lacks_second_factor = each.user_id in without
            each.can_be_changed = bool(self.roles) and (each.role != Role.OWNER or Role.OWNER in self.roles)
        return super().get_context_data(
            people=people,
            total=total,
            only_without=only_without,
            without_count=len(without),
            roles=self.roles,
            may_transfer=self.may(Action.TRANSFER),
            invitations=self.organization.invitations.pending().select_related("invited_by") if self.roles else [],
            form=kwargs.pop("form", None) or self.blank_form(),
            **kwargs,
        )

    def blank_form(self):
        asked = {name: self.request.GET[name] for name in ("email", "role") if name in self.request.GET}
        return InvitationForm(roles=self.roles, initial=asked) if self.roles else None

    def post(self, request):
        """Invites somebody."""
        if not self.may(Action.MANAGE_PEOPLE):
            raise PermissionDenied
        form = InvitationForm(request.POST, roles=self.roles)
        if form.is_valid():
            try:
                invitation = team.invite(self.organization, user=request.user, **form.cleaned_data)
            except Problem as problem:
                form.add_error(None, problem.detail)
            else:
                messages.success(request, _("%(email)s is invited.") % {"email": invitation.email})
                return redirect("team")
        return self.render_to_response(self.get_context_data(form=form))


class RolesView(StudioPage):
    """What each role may do: the table itself."""

    template_name = "organizations/roles.html"
    page_title = gettext_lazy("What each role may do")
    header_icon = "group"

    @property
    def trail(self):
        return [{"url": reverse("team"), "label": _("Team")}]

    def get_context_data(self, **kwargs):
        rows = [(action.label, [action in ACTIONS_OF_ROLE[role] for role in Role]) for action in Action]
        return super().get_context_data(rows=rows, roles=Role.labels, **kwargs)


class TeamActionView(ActionView):
    def get_next_url(self):
        return reverse("team")

    def member(self, pk) -> Membership:
        return self.get_mine(Membership, pk)


class ChangeRoleView(TeamActionView):
    required_action = Action.MANAGE_PEOPLE

    @property
    def asks_who_it_is(self):
        return self.request.POST.get("role") == Role.OWNER

    def act(self, pk):
        role = self.request.POST.get("role")
        if role not in Role.values:
            raise Problem(_("Choose one of the roles."))
        membership = team.change_role(self.member(pk), role=Role(role), user=self.request.user)
        return _("%(person)s is %(role)s now.") % {"person": membership.user, "role": membership.get_role_display()}


class RemoveView(TeamActionView):
    required_action = Action.MANAGE_PEOPLE

    def act(self, pk):
        membership = self.member(pk)
        team.remove(membership, user=self.request.user)
        return _("%(person)s does not belong to this organization any more. Their posts stay.") % {
            "person": membership.user
        }


class TransferView(TeamActionView):
    required_action = Action.TRANSFER
    asks_who_it_is = True

    def act(self, pk):
        membership = team.transfer(self.member(pk), user=self.request.user)
        return _("%(person)s is Owner now, and you are Admin.") % {"person": membership.user}


class LeaveView(TeamActionView):
    def act(self):
        team.leave(self.organization, user=self.request.user)
        return _("You have left %(organization)s.") % {"organization": self.organization}

    def get_next_url(self):
        return reverse("wagtailadmin_home")


class ResendInvitationView(TeamActionView):
    required_action = Action.MANAGE_PEOPLE

    def act(self, pk):
        invitation = team.resend(self.get_mine(Invitation, pk), user=self.request.user)
        return _("A new link is on its way to %(email)s.") % {"email": invitation.email}


class RevokeInvitationView(TeamActionView):
    required_action = Action.MANAGE_PEOPLE

    def act(self, pk):
        invitation = team.revoke(self.get_mine(Invitation, pk), user=self.request.user)
        return _("The invitation of %(email)s is taken back.") % {"email": invitation.email}
