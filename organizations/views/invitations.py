"""What the link of an invitation leads to: a page that says who invites, and what to do."""

from django.contrib.auth import login, logout
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from organizations import team
from organizations.access import CurrentOrganizationMiddleware, RoleBackend
from organizations.forms import NewPersonForm
from organizations.models import User
from organizations.problems import Problem


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class InvitationView(TemplateView):
    """Accepts with the account that is signed in, with one to sign in to, or with a new one."""

    template_name = "organizations/invitation.html"

    def get(self, request, secret):
        try:
            invitation = team.usable_invitation(secret)
        except Problem as problem:
            return self.explain(problem)
        return self.show(invitation, secret)

    def post(self, request, secret):
        if "sign_out" in request.POST:
            logout(request)
            return redirect("invitation", secret)
        try:
            invitation = team.usable_invitation(secret)
            if request.user.is_authenticated:
                return self.enter(team.accept(secret, user=request.user))
            form = NewPersonForm(request.POST, email=invitation.email)
            if not form.is_valid():
                return self.show(invitation, secret, form=form)
            membership = team.accept_as_new_person(secret, **form.cleaned_data)
        except Problem as problem:
            return self.explain(problem)
        login(request, membership.user, backend=f"{RoleBackend.__module__}.{RoleBackend.__qualname__}")
        return self.enter(membership)

    def show(self, invitation, secret, form=None):
        has_account = User.objects.filter(email__iexact=invitation.email).exists()
        here = reverse("invitation", args=[secret])
        return self.render_to_response(
            {
                "invitation": invitation,
                "is_mine": self.request.user.is_authenticated and team.is_for(invitation, self.request.user),
                "has_account": has_account,
                "form": form or NewPersonForm(email=invitation.email),
                "login_url": f"{reverse('account_login')}?next={here}",
            }
        )

    def explain(self, problem):
        self.template_name = "organizations/invitation_problem.html"
        return self.render_to_response({"problem": problem}, status=problem.status)

    def enter(self, membership):
        self.request.session[CurrentOrganizationMiddleware.SESSION_KEY] = str(membership.organization_id)
        return redirect("wagtailadmin_home")
