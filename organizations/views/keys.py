"""The organization's API keys: which there are, a new one, the end of one."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import keys
from organizations.forms import ApiKeyForm
from organizations.models import ApiKey
from organizations.roles import Action
from organizations.studio import ActionView, StudioPage

from .settings import BACK_TO_SETTINGS


class KeysView(StudioPage):
    template_name = "organizations/keys.html"
    page_title = gettext_lazy("API keys")
    header_icon = "key"
    required_action = Action.MANAGE_KEYS
    asks_who_it_is = True
    trail = BACK_TO_SETTINGS

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", ApiKeyForm())
        keys_of_organization = self.organization.api_keys.filter(revoked_at=None).select_related("created_by")
        return super().get_context_data(keys=keys_of_organization, **kwargs)

    def post(self, request):
        """Makes a key, and shows its secret on the answer, and never again."""
        form = ApiKeyForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        _key, secret = keys.create_key(self.organization, user=request.user, **form.cleaned_data)
        response = self.render_to_response(self.get_context_data(secret=secret))
        response["Cache-Control"] = "no-store"
        return response


class RevokeKeyView(ActionView):
    required_action = Action.MANAGE_KEYS

    def act(self, pk):
        key = keys.revoke_key(self.get_mine(ApiKey, pk), user=self.request.user)
        return _("“%(name)s” can no longer use the API.") % {"name": key.name}

    def get_next_url(self):
        return reverse("organization_keys")
