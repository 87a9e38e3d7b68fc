"""A person's own data: to take along, and to end the account."""

import json

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from organizations import forgetting, own_data
from organizations.forms import DeleteAccountForm
from organizations.problems import Problem


@method_decorator([never_cache, login_required, reauthentication_required], name="dispatch")
class AccountDataView(TemplateView):
    """What is kept about the person, as a file; and the end of the account. Asks for the password first."""

    template_name = "account/data.html"

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", DeleteAccountForm(user=self.request.user))
        return super().get_context_data(
            left_alone=forgetting.organizations_without_other_owner(self.request.user), **kwargs
        )

    def post(self, request):
        return self.delete() if "delete" in request.POST else self.download()

    def download(self):
        data = own_data.data_of(self.request.user)
        answer = HttpResponse(json.dumps(data, indent=2, ensure_ascii=False), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="my-data-{timezone.now():%Y-%m-%d}.json"'
        return answer

    def delete(self):
        form = DeleteAccountForm(self.request.POST, user=self.request.user)
        if form.is_valid():
            user = self.request.user
            try:
                forgetting.delete_account(user)
            except Problem as problem:
                form.add_error(None, problem.detail)
            else:
                logout(self.request)
                messages.success(self.request, _("Your account is deleted. Take care."))
                return redirect("account_login")
        return self.render_to_response(self.get_context_data(form=form))
