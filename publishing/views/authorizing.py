"""Connecting by OAuth: to the network and back, and which of the accounts become channels."""

import hmac
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from organizations.problems import Problem
from organizations.roles import Action
from publishing import oauth, reaching
from publishing.accounts import Account
from publishing.authorizing import WAYS, accounts_behind, keep_accounts
from publishing.connecting import ConnectionFailed
from publishing.connections import BY_KEY
from publishing.models import Channel, Network
from publishing.secrets import SecretUnreadable, seal, unseal

from .base import OrganizationMixin, StudioPage
from .channels import CHANNELS

PENDING = "connecting"  # in the session, between going to the network and coming back
CHOICE = "connecting_accounts"  # the accounts to choose from, sealed


class WayView(OrganizationMixin, View):
    required_action = Action.MANAGE_CHANNELS

    def dispatch(self, request, *args, way: str, organization: UUID | None = None, **kwargs):
        # Of another organization of the person's: the 404 has the middleware change to that one, and ask again.
        if way not in WAYS or organization not in (None, getattr(request.organization, "pk", None)):
            raise Http404
        self.key, self.way = way, WAYS[way]
        return super().dispatch(request, *args, **kwargs)


class StartView(WayView):
    """Sends the person to the network to say yes, and remembers what must come back."""

    def get(self, request):
        connection = BY_KEY[self.key]
        if connection.missing:
            return redirect("channel_connect")
        pending = {
            "way": self.key,
            "state": oauth.new_secret(),
            "verifier": oauth.new_secret(),
            "organization": str(self.organization.pk),
            "channel": request.GET.get("channel", ""),
        }
        request.session[PENDING] = pending
        return redirect(
            self.way.provider().authorization_url(
                state=pending["state"], verifier=pending["verifier"], redirect_uri=connection.callback
            )
        )


class FinishView(WayView):
    """Where the network sends the person back to."""

    def get(self, request):
        pending = request.session.pop(PENDING, None)
        try:
            found = self._accounts(request, pending)
            wanted = pending["channel"]
            if len(found) > 1 and not (chosen := _known(self.organization, wanted, found)):
                choice = {
                    "way": self.key,
                    "organization": str(self.organization.pk),
                    "accounts": [account.to_json() for account in found],
                }
                request.session[CHOICE] = seal(choice)
                return redirect("channel_choose")
            channels = keep_accounts(
                self.organization, way=self.way, accounts=found if len(found) == 1 else chosen, user=request.user
            )
        except Problem as problem:
            messages.error(request, problem.detail)
            return redirect("channel_connect")
        return _arrive(request, channels, wanted=wanted)

    def _accounts(self, request, pending) -> list[Account]:
        name = self.way.provider().name
        if request.GET.get("error"):
            raise ConnectionFailed(
                _("%(network)s was not allowed to connect the account, so nothing has changed.") % {"network": name}
            )
        known = pending and hmac.compare_digest(pending["state"].encode(), request.GET.get("state", "").encode())
        if not known or pending["organization"] != str(self.organization.pk) or pending["way"] != self.key:
            raise ConnectionFailed(_("This answer does not belong to a connection begun here. Begin again."))
        return accounts_behind(
            self.way,
            code=request.GET.get("code", ""),
            verifier=pending["verifier"],
            redirect_uri=BY_KEY[self.key].callback,
        )


class ChoiceForm(forms.Form):
    accounts = forms.MultipleChoiceField(
        label=gettext_lazy("Accounts"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one account.")},
    )

    def __init__(self, *args, accounts: list[Account], **kwargs):
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["accounts"])
        field.choices = [(each.remote_id, _described(each)) for each in accounts]


class ChooseView(StudioPage):
    """Which of the accounts that the person may publish for become channels."""

    template_name = "publishing/connect_form.html"
    page_title = gettext_lazy("Choose the accounts to connect")
    header_icon = "plus"
    required_action = Action.MANAGE_CHANNELS

    @property
    def trail(self):
        return [CHANNELS, {"url": reverse("channel_connect"), "label": _("Connect a channel")}]

    def _choice(self) -> dict | None:
        try:
            choice = unseal(self.request.session.get(CHOICE, ""))
        except SecretUnreadable:
            return None
        return choice if choice["organization"] == str(self.organization.pk) else None

    def get(self, request):
        choice = self._choice()
        if choice is None:
            return redirect("channel_connect")
        return self.render_to_response(self._context(choice))

    def post(self, request):
        choice = self._choice()
        if choice is None:
            return redirect("channel_connect")
        accounts = [Account.from_json(each) for each in choice["accounts"]]
        form = ChoiceForm(request.POST, accounts=accounts)
        if form.is_valid():
            chosen = [each for each in accounts if each.remote_id in form.cleaned_data["accounts"]]
            try:
                channels = keep_accounts(self.organization, way=WAYS[choice["way"]], accounts=chosen, user=request.user)
            except Problem as problem:
                form.add_error(None, problem.detail)
            else:
                del request.session[CHOICE]
                return _arrive(request, channels)
        return self.render_to_response(self._context(choice, form=form))

    def _context(self, choice, form=None):
        accounts = [Account.from_json(each) for each in choice["accounts"]]
        return self.get_context_data(form=form or ChoiceForm(accounts=accounts), submit_label=_("Connect"))


def _described(account: Account) -> str:
    more = ", ".join(part for part in (account.handle, account.note) if part and part != account.name)
    return f"{account.name} ({more})" if more else account.name


def _known(organization, channel_id: str, accounts: list[Account]) -> list[Account]:
    """The account among these that the channel to be connected again already is."""
    same = Channel.objects.for_organization(organization).filter(
        remote_id__in=[account.remote_id for account in accounts]
    )
    remote_id = next((each.remote_id for each in same if str(each.pk) == channel_id), None)
    return [account for account in accounts if account.remote_id == remote_id]


def _arrive(request, channels: list[Channel], *, wanted: str = ""):
    """Says what is connected, and what the person should know about it."""
    for channel in channels:
        messages.success(request, _("“%(name)s” is connected.") % {"name": channel.name})
        if wanted and str(channel.pk) != wanted:
            messages.warning(
                request,
                _(
                    "That is another account than the channel you came from. Log in there with the other account "
                    "and connect it again."
                ),
            )
    if any(channel.network == Network.INSTAGRAM for channel in channels) and (problem := reaching.reach_problem()):
        messages.warning(request, problem)
    return redirect("channel", channels[0].pk) if len(channels) == 1 else redirect("channels")
