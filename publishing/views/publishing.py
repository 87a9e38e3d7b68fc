"""Publishing as a whole: how it is doing, what happens to what was missed, and the switch that stops it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.roles import Action
from publishing import deciding, operations, policies, suspending
from publishing.forms import MissedForm, PolicyForm, SuspendForm
from publishing.models import Delivery, PublishingPolicy

from .base import ActionView, StudioPage


class PublishingView(StudioPage):
    template_name = "publishing/publishing.html"
    page_title = gettext_lazy("Publishing")
    header_icon = "resubmit"

    def get_context_data(self, **kwargs):
        policy = PublishingPolicy.of(self.organization)
        mine = Delivery.objects.for_organization(self.organization)
        undecided = deciding.undecided(self.organization)
        kwargs.setdefault("policy_form", PolicyForm(instance=policy))
        return super().get_context_data(
            policy=policy,
            now=operations.figures(self.organization),
            problems=operations.problems(),
            past_due=suspending.waiting_past_their_time(mine).count() if policy.suspended_at else 0,
            missed=undecided.select_related("channel")[:5],
            missed_count=undecided.count(),
            need_people=mine.filter(state=Delivery.State.FAILED).select_related("channel")[:10],
            missed_form=MissedForm(),
            suspend_form=SuspendForm(),
            may_suspend=self.may(Action.PUBLISH),
            may_change=self.may(Action.MANAGE_SETTINGS),
            **kwargs,
        )

    def post(self, request):
        """Saves the policy."""
        if not self.may(Action.MANAGE_SETTINGS):
            raise PermissionDenied
        form = PolicyForm(request.POST, instance=PublishingPolicy.of(self.organization))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(policy_form=form))
        policies.change_policy(self.organization, user=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. It holds for whatever misses its time from now on."))
        return redirect("publishing")


class SwitchView(ActionView):
    """The kill switch, both ways."""

    required_action = Action.PUBLISH
    on = False

    def get_next_url(self):
        return reverse("publishing")

    def act(self):
        if not self.on:
            form = SuspendForm(self.request.POST)
            reason = form.cleaned_data["reason"] if form.is_valid() else ""
            suspending.suspend_publishing(self.organization, user=self.request.user, reason=reason)
            return _("Nothing leaves any more, on any channel, until publishing is resumed.")
        form = MissedForm(self.request.POST)
        missed = form.cleaned_data["missed"] if form.is_valid() else suspending.Missed.HOLD
        count = suspending.resume_publishing(self.organization, user=self.request.user, missed=missed)
        return _("Publishing goes on. %(count)s posts had missed their time.") % {"count": count}
