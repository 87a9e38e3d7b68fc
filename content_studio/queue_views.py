"""The page on which a channel's week of slots is laid out, and what waits in them."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from organizations.problems import Conflict, Problem
from organizations.roles import Action, may
from publishing.models import Channel

from . import queueing
from .editor import blank_post_url, posts_breadcrumbs
from .localfields import ZoneField
from .models import SocialPost
from .post_views import ForOrganization, OfPost
from .queues import QueueSlot, Weekday
from .slots import occurrences, queues_of

SHOWN = datetime.timedelta(weeks=2)
USUAL_TIMES = (datetime.time(9), datetime.time(12, 30), datetime.time(17))


class TimesField(forms.CharField):
    """One or several times of day, such as “9:00, 12:30”."""

    def to_python(self, value):
        times = []
        for word in (value or "").replace(",", " ").replace(";", " ").split():
            try:
                times.append(datetime.datetime.strptime(word.replace(".", ":"), "%H:%M").time())  # noqa: DTZ007
            except ValueError as err:
                raise ValidationError(_("“%(word)s” is no time. Write it like 09:30.") % {"word": word[:20]}) from err
        return times


class SlotForm(forms.Form):
    weekday = forms.TypedChoiceField(choices=Weekday.choices, coerce=int)
    time = TimesField(label=gettext_lazy("Time"))


class OfChannel(ForOrganization):
    kwargs: dict[str, Any]

    @cached_property
    def channel(self) -> Channel:
        channel = Channel.objects.for_organization(self.organization).filter(pk=self.kwargs["pk"]).first()
        if channel is None:
            raise Http404
        return channel


class QueueView(OfChannel, WagtailAdminTemplateMixin, TemplateView):
    """One channel's week at a time; without a channel in the address, the first one's."""

    template_name = "content_studio/queue/queue.html"
    page_title = gettext_lazy("Queue")
    header_icon = "list-ul"

    def get_breadcrumbs_items(self):
        return [posts_breadcrumbs()[0], {"url": "", "label": self.get_page_title()}]

    def get(self, request, *args, **kwargs):
        if "pk" not in kwargs:
            first = Channel.objects.for_organization(self.organization).first()
            if first is not None:
                return redirect("queue", first.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if "pk" not in self.kwargs:
            return context
        queues = list(queues_of(self.organization))
        queue = next((each for each in queues if each.channel_id == self.channel.pk), None)
        by_channel = {each.channel_id: each for each in queues}
        now = clock.now()
        coming = occurrences([queue] if queue else [], start=now, end=now + SHOWN)
        posts = SocialPost.objects.in_bulk([each.post_id for each in coming if each.post_id])
        slots = list(queue.slots.all()) if queue else []
        add_url = blank_post_url(self.organization, self.request.user)
        zone = queue.timezone if queue else self.organization.timezone
        return {
            **context,
            "channel": self.channel,
            "channels": [
                {"channel": each, "count": len(by_channel[each.pk].slots.all()) if each.pk in by_channel else 0}
                for each in Channel.objects.for_organization(self.organization)
            ],
            "queue": queue,
            "zone": zone,
            "zone_form": ZoneForm(initial={"timezone": zone}),
            "week": [
                {"day": day, "label": label, "slots": [slot for slot in slots if slot.weekday == day]}
                for day, label in Weekday.choices
            ],
            "slot_count": len(slots),
            "coming": [{"slot": each, "post": posts.get(each.post_id)} for each in coming],
            "free_count": sum(each.is_free for each in coming),
            "usual": ", ".join(f"{time:%H:%M}" for time in USUAL_TIMES),
            "may_manage": may(self.request.user, Action.PUBLISH, organization=self.organization),
            "may_write": bool(add_url),
            "add_url": add_url,
        }


class ZoneForm(forms.Form):
    timezone = ZoneField()


class QueueActionView(OfChannel, View):
    """Changes a channel's queue: `action` says how."""

    http_method_names = ["post"]
    required_action = Action.WRITE

    def where_refused(self):
        return reverse("queue", args=[self.kwargs["pk"]])

    def post(self, request, pk):
        action = request.POST.get("action", "")
        act = {
            "add": self.add,
            "remove": self.remove,
            "copy": self.copy,
            "usual": self.usual,
            "clear": self.clear,
            "zone": self.zone,
            "pause": self.pause,
            "resume": self.resume,
            "fill": self.fill,
            "fill_drafts": self.fill_drafts,
            "shuffle": self.shuffle,
        }.get(action)
        if act is None:
            raise Http404
        said = act()
        if said:
            messages.success(request, said)
        return redirect(self.where_refused() + self.request.POST.get("at", ""))

    @property
    def by(self) -> dict:
        return {"user": self.request.user}

    def add(self):
        form = SlotForm(self.request.POST)
        if not form.is_valid():
            raise Problem(" ".join(error for errors in form.errors.values() for error in errors))
        weekday, times = form.cleaned_data["weekday"], form.cleaned_data["time"]
        queueing.add_slots(self.channel, weekdays=[weekday], times=times, **self.by)

    def remove(self):
        slot = self.slot()
        queueing.remove_slot(slot, **self.by)

    def slot(self) -> QueueSlot:
        try:
            slot = QueueSlot.objects.filter(queue__channel=self.channel, pk=self.request.POST.get("slot")).first()
        except ValidationError:
            slot = None
        if slot is None:
            raise Conflict(_("This slot is not there any more."))
        return slot

    def weekday(self) -> int:
        form = SlotForm({"weekday": self.request.POST.get("weekday"), "time": "0:00"})
        if not form.is_valid():
            raise Problem(_("Say which day."))
        return form.cleaned_data["weekday"]

    def copy(self):
        weekday = self.weekday()
        queueing.copy_day(self.channel, weekday=weekday, **self.by)
        return _("Every day has the slots of %(day)s now.") % {"day": Weekday(weekday).label}

    def usual(self):
        queueing.add_slots(self.channel, weekdays=range(5), times=USUAL_TIMES, **self.by)
        return _("Three slots for each working day. Change them as you like.")

    def clear(self):
        queueing.clear_slots(self.channel, **self.by)
        return _("All slots are removed. What is planned stays planned.")

    def zone(self):
        form = ZoneForm(self.request.POST)
        if not form.is_valid():
            raise Problem(_("Choose a time zone from the list."))
        queueing.set_zone(self.channel, timezone=form.cleaned_data["timezone"], **self.by)
        return _("The slots are times in %(zone)s now.") % {"zone": form.cleaned_data["timezone"]}

    def pause(self):
        queueing.pause_queue(self.channel, **self.by)
        return _("Paused: no slot of “%(name)s” is given away until you resume it.") % {"name": self.channel.name}

    def resume(self):
        queueing.resume_queue(self.channel, **self.by)
        return _("“%(name)s” gives its slots away again.") % {"name": self.channel.name}

    def fill(self, *, drafts: bool = False):
        placed = queueing.fill_queue(self.organization, channel=self.channel, drafts=drafts, **self.by)
        for each in [one for one in placed if one.problem][:5]:
            title = each.post.get_admin_display_title()
            messages.warning(self.request, f"{title}: {each.problem}")
        count = sum(not each.problem for each in placed)
        if not placed:
            return _("There is nothing to fill it with: every such post of this channel has a time already.")
        if drafts:
            text = ngettext("%(count)s draft has a planned time.", "%(count)s drafts have a planned time.", count)
        else:
            text = ngettext("%(count)s post is scheduled.", "%(count)s posts are scheduled.", count)
        return text % {"count": count}

    def fill_drafts(self):
        return self.fill(drafts=True)

    def shuffle(self):
        placed = queueing.shuffle_queue(self.channel, **self.by)
        if len(placed) < 2:
            return _("There are fewer than two posts in the queue.")
        return ngettext("%(count)s post is shuffled.", "%(count)s posts are shuffled.", len(placed)) % {
            "count": len(placed)
        }


class QueuePostView(OfPost, View):
    """Gives one post the next free slot."""

    http_method_names = ["post"]
    required_action = Action.WRITE

    def post(self, request, pk):
        messages.success(request, queued_sentence(queueing.queue_post(self.post_page, user=request.user)))
        return redirect("posts:detail", pk)


def queued_sentence(placed: queueing.Placed) -> str:
    """What to tell somebody whose post has just got a slot."""
    if placed.post.state == SocialPost.State.SCHEDULED:
        text = _("Scheduled in the next free slot: %s.") % placed.when
    else:
        text = _("Planned in the next free slot: %s. It goes out once it is approved and scheduled.") % placed.when
    return " ".join(filter(None, [text, placed.slot.note if placed.slot else ""]))
