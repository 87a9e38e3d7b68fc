"""The channels of an organization: which there are, how each is doing, and what one may do with it."""

from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from organizations.problems import Problem
from organizations.roles import Action
from publishing import connecting, pretending, renaming, suspending, upkeep
from publishing.adapters import adapter_for
from publishing.connections import connection_for
from publishing.forms import BehaviourForm, MissedForm, NameForm
from publishing.models import Channel, Delivery, SandboxPost

from .base import HOME, ActionView, DetailedColumn, MomentColumn, OrganizationMixin, StateColumn, StudioPage

CHANNELS = {"url": reverse_lazy("channels"), "label": gettext_lazy("Channels")}


class ChannelsView(OrganizationMixin, generic.IndexView):
    model = Channel
    page_title = gettext_lazy("Channels")
    header_icon = "site"
    results_template_name = "organizations/index_results.html"
    nothing_yet = gettext_lazy(
        "A channel is an account on a network through which posts go out. Connect yours, or a sandbox: it looks like a"
        " network, publishes nothing, and is there to try things out."
    )
    begin_label = gettext_lazy("Connect a channel")
    index_url_name = "channels"
    index_results_url_name = "channels_results"
    search_fields = ["name", "handle"]
    list_filter = ["network", "state"]
    default_ordering = "name"
    paginate_by = 50
    list_export: list[str] = []

    def get_base_queryset(self):
        return Channel.objects.for_organization(self.organization).annotate(
            waiting_count=Count("deliveries", filter=Q(deliveries__state__in=Delivery.WAITING))
        )

    @cached_property
    def columns(self):
        zone = self.organization.timezone
        return [
            DetailedColumn("name", label=_("Account"), url_name="channel", sort_key="name", detail=_network),
            Column("handle", label=_("Handle"), classname="cs-wide"),
            Column("network", label=_("Network"), accessor=_network, sort_key="network", classname="cs-wide"),
            StateColumn("state", label=_("State"), sort_key="state"),
            Column("waiting_count", label=_("Waiting posts"), sort_key="waiting_count", classname="cs-wide"),
            MomentColumn(
                "last_success_at", label=_("Last published"), sort_key="last_success_at", zone=zone, classname="cs-wide"
            ),
        ]

    @property
    def begin_url(self) -> str:
        return reverse("channel_connect") if self.may(Action.MANAGE_CHANNELS) else ""

    @cached_property
    def header_buttons(self):
        return [HeaderButton(self.begin_label, url=self.begin_url, icon_name="plus")] if self.begin_url else []

    def get_breadcrumbs_items(self):
        return [HOME, {"url": "", "label": self.page_title}]


def _network(channel: Channel) -> str:
    return f"{channel.get_network_display()} ({_('sandbox')})" if channel.sandbox else channel.get_network_display()


class ChannelView(StudioPage):
    """One channel: its state in plain words, what waits, what happened last."""

    template_name = "publishing/channel.html"
    header_icon = "site"
    trail = [CHANNELS]

    def get_page_title(self):
        return self.channel.name

    def get(self, request, pk):
        self.channel = self.get_mine(Channel, pk)
        return super().get(request, pk)

    @cached_property
    def header_buttons(self):
        buttons = []
        if self.may(Action.PUBLISH):
            buttons.append(
                HeaderButton(_("Try it out"), url=reverse("channel_try", args=[self.channel.pk]), icon_name="code")
            )
        if not self.channel.sandbox:
            return buttons
        return [
            *buttons,
            HeaderButton(
                _("Open the timeline"), url=reverse("sandbox_timeline", args=[self.channel.pk]), icon_name="view"
            ),
        ]

    def get_context_data(self, **kwargs):
        deliveries = self.channel.deliveries.select_related("channel")
        manages = self.may(Action.MANAGE_CHANNELS)
        return super().get_context_data(
            channel=self.channel,
            may_manage=manages,
            reconnect_url=_reconnect_url(self.channel),
            ends_at=None if self.channel.sandbox else adapter_for(self.channel).authorization_ends_at(),
            warnings=upkeep.warnings_of(self.channel),
            missing_scopes=upkeep.missing_scopes(self.channel),
            may_publish=self.may(Action.PUBLISH),
            upcoming=deliveries.waiting().order_by("next_attempt_at")[:5],
            recent=deliveries.filter(state__in=[*Delivery.FINAL, Delivery.State.UNKNOWN])[:5],
            past_due=suspending.waiting_past_their_time(self.channel.deliveries).count(),
            missed_form=MissedForm(),
            name_form=NameForm(initial={"name": self.channel.name}) if manages else None,
            behaviour_form=BehaviourForm.of(self.channel) if self.channel.sandbox and manages else None,
            **kwargs,
        )


def _reconnect_url(channel: Channel) -> str:
    """Where the same account is connected again; empty for the sandbox."""
    connection = connection_for(channel)
    if not connection or connection.missing:
        return ""
    known = {"handle": channel.handle, "server": channel.base_url, "channel": channel.pk}
    return f"{connection.url}?{urlencode({name: value for name, value in known.items() if value})}"


class ChannelActionView(ActionView):
    required_action = Action.MANAGE_CHANNELS

    def post(self, request, pk, action):
        self.channel = self.get_mine(Channel, pk)
        return super().post(request, action)

    def get_next_url(self):
        return reverse("channel", args=[self.channel.pk])

    def act(self, action):
        return getattr(self, action)()

    def rename(self):
        form = NameForm(self.request.POST)
        if not form.is_valid():
            raise Problem(_("Give it a name of at most 100 characters."))
        renaming.rename_channel(self.channel, user=self.request.user, **form.cleaned_data)
        return _("The channel is called “%(name)s” now.") % {"name": self.channel.name}

    def suspend(self):
        suspending.suspend_channel(self.channel, user=self.request.user)
        return _("Nothing leaves through “%(name)s” any more until it is resumed.") % {"name": self.channel.name}

    def resume(self):
        form = MissedForm(self.request.POST)
        missed = form.cleaned_data["missed"] if form.is_valid() else suspending.Missed.HOLD
        count = suspending.resume_channel(self.channel, user=self.request.user, missed=missed)
        if count:
            return _("“%(name)s” publishes again. %(count)s posts had missed their time: %(choice)s.") % {
                "name": self.channel.name,
                "count": count,
                "choice": suspending.Missed(missed).label.lower(),
            }
        return _("“%(name)s” publishes again.") % {"name": self.channel.name}

    def disconnect(self):
        taken_back = connecting.disconnect_channel(self.channel, user=self.request.user)
        said = {"name": self.channel.name, "network": self.channel.get_network_display()}
        if taken_back:
            return _("“%(name)s” is disconnected. %(network)s has taken its authorization back.") % said
        if self.channel.sandbox:
            return _("“%(name)s” is disconnected.") % said
        return (
            _(
                "“%(name)s” is disconnected and its authorization forgotten here. "
                "Remove the studio in the account's settings on %(network)s as well."
            )
            % said
        )

    def reconnect(self):
        connecting.reconnect_sandbox_channel(self.channel, user=self.request.user)
        return _("“%(name)s” is connected.") % {"name": self.channel.name}

    def behaviour(self):
        form = BehaviourForm(self.request.POST)
        if not form.is_valid():
            return ""
        pretending.behave(self.channel, **form.cleaned_data)
        return _("From now on the sandbox does this: %(behaviour)s.") % {"behaviour": form.label.lower()}


class TimelineView(StudioPage):
    """What the followers of a sandbox channel would see."""

    template_name = "publishing/timeline.html"
    header_icon = "view"
    page_title = gettext_lazy("Timeline")
    SHOWN = 50

    def get(self, request, pk):
        self.channel = self.get_mine(Channel, pk)
        self.trail = [CHANNELS, {"url": reverse("channel", args=[pk]), "label": self.channel.name}]
        return super().get(request, pk)

    def get_context_data(self, **kwargs):
        posts = list(SandboxPost.objects.filter(channel=self.channel)[: self.SHOWN])
        return super().get_context_data(channel=self.channel, threads=_threads(posts), **kwargs)


def _threads(posts: list[SandboxPost]) -> list[list[SandboxPost]]:
    """Posts grouped into threads, newest thread first, each in the order of reading."""
    root_of: dict = {}
    threads: dict = {}
    for post in sorted(posts, key=lambda post: (post.created_at, post.pk)):
        root = root_of[post.pk] = root_of.get(post.in_reply_to_id, post.pk)
        threads.setdefault(root, []).append(post)
    return sorted(threads.values(), key=lambda thread: thread[0].created_at, reverse=True)
