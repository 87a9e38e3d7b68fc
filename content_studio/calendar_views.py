"""The calendar in the studio: month, week and list, and moving a post to another day."""

import datetime

from django import forms
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from organizations import timezones
from organizations.models import User
from organizations.problems import NotFound, Problem
from organizations.roles import ACTIONS_OF_ROLE, Action, role_of
from publishing.localtime import to_local, to_utc
from publishing.models import Channel, Delivery, Network

from . import planning
from .calendar import planned_between
from .editor import blank_post_url, posts_breadcrumbs
from .labels import Campaign, Label
from .localfields import WallClockField, ZoneField
from .models import SocialPost
from .post_views import ForOrganization
from .presenting import local_moment, newer_draft_label
from .slots import Occurrence, occurrences, queues_of


class FilterForm(forms.Form):
    """What of the calendar is shown. Everything is optional."""

    network = forms.MultipleChoiceField(label=gettext_lazy("Network"), choices=Network.choices, required=False)
    channel = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Channel"), queryset=Channel.objects.none(), required=False
    )
    state = forms.MultipleChoiceField(label=gettext_lazy("State"), choices=SocialPost.State.choices, required=False)
    person = forms.ModelMultipleChoiceField(label=gettext_lazy("Author"), queryset=User.objects.none(), required=False)

    campaign = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Campaign"), queryset=Campaign.objects.none(), required=False
    )
    label = forms.ModelMultipleChoiceField(label=gettext_lazy("Label"), queryset=Label.objects.none(), required=False)

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = Channel.objects.for_organization(organization)
        self.fields["campaign"].queryset = Campaign.objects.for_organization(organization)
        self.fields["label"].queryset = Label.objects.for_organization(organization)
        self.fields["person"].queryset = User.objects.filter(memberships__organization=organization).order_by(
            "first_name", "email"
        )

    def chosen(self) -> dict:
        """As `calendar.planned_between` takes it."""
        return {
            "networks": self.cleaned_data["network"],
            "channels": self.cleaned_data["channel"],
            "states": self.cleaned_data["state"],
            "people": self.cleaned_data["person"],
            "campaigns": self.cleaned_data["campaign"],
            "labels": self.cleaned_data["label"],
        }


class RangeForm(FilterForm):
    start = WallClockField()
    end = WallClockField()
    zone = ZoneField(required=False)


class CalendarView(ForOrganization, WagtailAdminTemplateMixin, TemplateView):
    template_name = "content_studio/calendar.html"
    page_title = gettext_lazy("Calendar")
    header_icon = "calendar-alt"

    def get_breadcrumbs_items(self):
        return [posts_breadcrumbs()[0], {"url": "", "label": self.get_page_title()}]

    @cached_property
    def add_url(self) -> str:
        return blank_post_url(self.organization, self.request.user)

    @cached_property
    def header_buttons(self):
        return [HeaderButton(_("Blank post"), url=self.add_url, icon_name="plus")] if self.add_url else []

    def get_context_data(self, **kwargs):
        organization = self.organization
        return {
            **super().get_context_data(**kwargs),
            "filter_form": FilterForm(self.request.GET, organization=organization),
            "zone": organization.timezone,
            "states": SocialPost.State.choices,
            "add_url": self.add_url,
        }


class EntriesView(ForOrganization, View):
    """The calendar's entries between two days, as JSON."""

    def refuse(self, problem: Problem):
        return JsonResponse({"message": problem.detail}, status=problem.status)

    def get(self, request):
        form = RangeForm(request.GET, organization=self.organization)
        if not form.is_valid():
            raise Problem(_("The calendar asked for a range that cannot be read."))
        asked = form.cleaned_data
        zone = asked["zone"] or self.organization.timezone
        found = planned_between(self.organization, asked["start"], asked["end"], zone=zone, **form.chosen())
        role = role_of(request.user, self.organization)
        may = ACTIONS_OF_ROLE[role]
        entries = [entry(at, post, zone=zone, may=may) for at, post in found]
        if "slots" in request.GET:
            entries += self.free_slots(asked, zone)
        return JsonResponse({"entries": entries})

    def free_slots(self, asked, zone: str) -> list[dict]:
        """The queues' slots in the range that nothing has taken yet, in three queries."""
        queues = queues_of(self.organization, channels=asked["channel"] or None)
        add_url = blank_post_url(self.organization, self.request.user)
        start = max(to_utc(asked["start"], zone).utc, clock.now())
        end = to_utc(asked["end"], zone).utc
        coming = occurrences([each for each in queues if each.paused_at is None], start=start, end=end)
        wanted = asked["network"]
        return [
            slot_entry(each, zone=zone, add_url=add_url)
            for each in coming
            if each.is_free and (not wanted or each.channel.network in wanted)
        ]


def entry(at: datetime.datetime, post, *, zone: str, may) -> dict:
    """One post as FullCalendar takes it; times without an offset, on the clock that is shown."""
    out = post.state in (SocialPost.State.PUBLISHED, SocialPost.State.FAILED)
    needed = Action.PUBLISH if post.state == SocialPost.State.SCHEDULED else Action.WRITE
    networks = dict.fromkeys(channel.get_network_display() for channel in post.channels.all())
    return {
        "id": str(post.pk),
        "title": post.get_admin_display_title(),
        "start": f"{at:%Y-%m-%dT%H:%M:%S}",
        "url": reverse("posts:detail", args=[post.pk]),
        "classNames": ["st-event", f"st-event--{post.state.replace('_', '-')}"],
        "startEditable": not out and needed in may,
        "extendedProps": {
            "state": post.get_state_display(),
            "newer": newer_draft_label(post) if post.draft_state != post.state else "",
            "networks": list(networks),
            "campaign": post.campaign.name if post.campaign else "",
            "author": str(post.owner or ""),
            "when": local_moment(at, zone),
        },
    }


def slot_entry(slot: Occurrence, *, zone: str, add_url: str) -> dict:
    """A free slot as FullCalendar takes it; a click begins a post for it."""
    at = to_local(slot.utc, zone)
    wanted = {"planned": f"{slot.local:%Y-%m-%dT%H:%M}", "zone": slot.zone, "channel": str(slot.channel.pk)}
    return {
        "id": f"slot-{slot.channel.pk}-{slot.utc:%Y%m%d%H%M}",
        "title": _("Free: %(channel)s") % {"channel": slot.channel},
        "start": f"{at:%Y-%m-%dT%H:%M:%S}",
        "url": f"{add_url}?{urlencode(wanted)}" if add_url else "",
        "classNames": ["st-event", "st-event--slot"],
        "startEditable": False,
        "extendedProps": {
            "state": _("Free slot"),
            "newer": "",
            "networks": [slot.channel.get_network_display()],
            "campaign": "",
            "author": "",
            "when": local_moment(at, zone),
        },
    }


class MoveForm(forms.Form):
    post = forms.IntegerField()
    local_time = WallClockField()
    timezone = ZoneField()


class MoveView(ForOrganization, View):
    """Moves a post to another time; with GET, says what that would mean."""

    required_action = Action.WRITE

    def refuse(self, problem: Problem):
        return JsonResponse({"message": problem.detail}, status=problem.status)

    def get(self, request):
        post, moment, zone, own_zone = self.asked(request.GET)
        scheduled = post.deliveries.filter(state__in=Delivery.WAITING).exists()
        return JsonResponse(
            {
                "title": post.get_admin_display_title(),
                "when": local_moment(moment.local, zone),
                "own": local_moment(to_local(moment.utc, own_zone), own_zone) if own_zone != zone else "",
                "note": moment.note,
                "passed": moment.utc <= clock.now(),
                "scheduled": scheduled,
            }
        )

    def post(self, request):
        post, moment, zone, own_zone = self.asked(request.POST)
        # The post keeps the zone that it was planned in: only the moment changes.
        own_time = moment.local if own_zone == zone else to_local(moment.utc, own_zone)
        planning.plan_post(post, local_time=own_time, timezone=own_zone, user=request.user)
        return JsonResponse({"when": local_moment(moment.local, zone)})

    def asked(self, data):
        form = MoveForm(data)
        if not form.is_valid():
            raise Problem(_("That is no time that the calendar understands."))
        post = SocialPost.objects.for_organization(self.organization).filter(pk=form.cleaned_data["post"]).first()
        if post is None:
            raise NotFound(_("This post is not there any more. Reload the calendar."))
        zone = form.cleaned_data["timezone"]
        own_zone = post.planned_timezone if post.planned_timezone in timezones.known() else zone
        return post, to_utc(form.cleaned_data["local_time"], zone), zone, own_zone
