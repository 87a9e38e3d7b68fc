"""Posts that missed their time: send now, move, or drop, one or many at once."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy, ngettext

from organizations.problems import Conflict
from organizations.roles import Action
from publishing import deciding
from publishing.deciding import Decision
from publishing.forms import DecisionForm
from publishing.localtime import to_local
from publishing.models import PublishingPolicy

from .base import ActionView, StudioPage

PUBLISHING = {"url": reverse_lazy("publishing"), "label": gettext_lazy("Publishing")}


class MissedView(StudioPage):
    template_name = "publishing/missed.html"
    page_title = gettext_lazy("Missed their time")
    header_icon = "history"
    trail = [PUBLISHING]

    def get_context_data(self, **kwargs):
        undecided = deciding.undecided(self.organization).select_related("channel")
        return super().get_context_data(
            page=Paginator(undecided, 50).get_page(self.request.GET.get("p")),
            policy=PublishingPolicy.of(self.organization),
            may_publish=self.may(Action.PUBLISH),
            **kwargs,
        )


class DecideView(ActionView):
    required_action = Action.PUBLISH

    def get_next_url(self):
        return reverse("missed")

    def act(self):
        form = DecisionForm(self.request.POST)
        if not form.is_valid():
            raise Conflict(next(error for errors in form.errors.values() for error in errors))
        said = form.cleaned_data
        outcome = deciding.decide(
            self.organization,
            said["decision"],
            user=self.request.user,
            ids=None if said["all"] else said["delivery"],
            local_time=said["local_time"],
        )
        if outcome.left:
            messages.warning(self.request, self.say_what_was_left(len(outcome.left)))
        return self.say(said["decision"], outcome) if outcome.decided else ""

    def say(self, decision: str, outcome: deciding.Outcome) -> str:
        count = len(outcome.decided)
        if decision == Decision.DROP:
            return ngettext("%(count)s post is dropped.", "%(count)s posts are dropped.", count) % {"count": count}
        when = f"{to_local(outcome.last_at, self.organization.timezone):%Y-%m-%d %H:%M}" if outcome.last_at else ""
        if decision == Decision.MOVE:
            said = ngettext(
                "%(count)s post is moved to %(when)s.", "%(count)s posts are moved, the last to %(when)s.", count
            )
        else:
            said = ngettext(
                "%(count)s post leaves at %(when)s.",
                "%(count)s posts leave one after another, the last at %(when)s.",
                count,
            )
        return said % {"count": count, "when": when}

    def say_what_was_left(self, count: int) -> str:
        return ngettext(
            "%(count)s post was left as it is: somebody else has decided on it, or it is out already.",
            "%(count)s posts were left as they are: somebody else has decided on them, or they are out already.",
            count,
        ) % {"count": count}
