"""Coming from another service: the end of signing up, and connecting it to the account that one has."""

from allauth.socialaccount.internal import flows
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.views import SignupView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from organizations import social_logins
from organizations.problems import Problem


class SocialSignupView(SignupView):
    """Asks what the service could not tell. Whatever keeps the person from joining is said beside the form."""

    def form_valid(self, form):
        before = self.sociallogin.serialize()
        try:
            return super().form_valid(form)
        except IntegrityError:  # the same form, sent twice at once: the other was faster, and has the account
            messages.info(self.request, _("Your account is there already. Sign in."))
            return redirect("account_login")
        except Problem as problem:  # such as a plan without another seat; nobody was made
            self.request.session["socialaccount_sociallogin"] = before
            form.add_error(None, problem.detail)
            return self.form_invalid(form)


@method_decorator([never_cache, login_required], name="dispatch")
class ConnectView(TemplateView):
    """Asks whoever came from a service and has signed in to their account since whether to connect the two."""

    template_name = "socialaccount/connect.html"

    def dispatch(self, request):
        self.waiting = social_logins.waiting(request)
        if self.waiting is None:
            return redirect("socialaccount_connections")
        return super().dispatch(request)

    def get_context_data(self, **kwargs):
        return super().get_context_data(waiting=self.waiting, **kwargs)

    def post(self, request):
        social_logins.no_longer_waiting(request)
        sociallogin = self.waiting.sociallogin
        if "not_now" in request.POST:
            return redirect(sociallogin.get_redirect_url(request) or "wagtailadmin_home")
        sociallogin.state["process"] = AuthProcess.CONNECT
        return flows.login.complete_login(request, sociallogin)
