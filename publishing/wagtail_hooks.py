"""What the engine adds to the studio. Registers only."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from organizations.roles import Action, may

from . import logbook
from .views import authorizing, channels, connecting, deliveries, missed, operators, publishing, rehearsing


@hooks.register("insert_global_admin_css")
def studio_css():
    return format_html('<link rel="stylesheet" href="{}">', static("publishing/studio.css"))


@hooks.register("register_admin_urls")
def register_urls():
    return [
        path("channels/", channels.ChannelsView.as_view(), name="channels"),
        path("channels/results/", channels.ChannelsView.as_view(results_only=True), name="channels_results"),
        path("channels/connect/", connecting.ConnectView.as_view(), name="channel_connect"),
        path("channels/connect/sandbox/", connecting.SandboxView.as_view(), name="channel_connect_sandbox"),
        path("channels/connect/bluesky/", connecting.BlueskyView.as_view(), name="channel_connect_bluesky"),
        path("channels/connect/mastodon/", connecting.MastodonView.as_view(), name="channel_connect_mastodon"),
        path("channels/connect/choose/", authorizing.ChooseView.as_view(), name="channel_choose"),
        path("channels/connect/<slug:way>/", authorizing.StartView.as_view(), name="channel_authorize"),
        path(
            "channels/connect/<slug:way>/for/<uuid:organization>/",
            authorizing.StartView.as_view(),
            name="channel_authorize_for",
        ),
        path("channels/connect/<slug:way>/done/", authorizing.FinishView.as_view(), name="channel_authorized"),
        path("channels/<uuid:pk>/", channels.ChannelView.as_view(), name="channel"),
        path("channels/<uuid:pk>/try/", rehearsing.TryChannelView.as_view(), name="channel_try"),
        path("channels/<uuid:pk>/timeline/", channels.TimelineView.as_view(), name="sandbox_timeline"),
        *(
            path(f"channels/<uuid:pk>/{action}/", channels.ChannelActionView.as_view(), {"action": action}, name=name)
            for action, name in (
                ("rename", "channel_rename"),
                ("suspend", "channel_suspend"),
                ("resume", "channel_resume"),
                ("disconnect", "channel_disconnect"),
                ("reconnect", "channel_reconnect"),
                ("behaviour", "channel_behaviour"),
            )
        ),
        path("publishing/", publishing.PublishingView.as_view(), name="publishing"),
        path("publishing/suspend/", publishing.SwitchView.as_view(on=False), name="publishing_suspend_all"),
        path("publishing/resume/", publishing.SwitchView.as_view(on=True), name="publishing_resume_all"),
        path("publishing/missed/", missed.MissedView.as_view(), name="missed"),
        path("publishing/missed/decide/", missed.DecideView.as_view(), name="missed_decide"),
        path("publishing/operators/", operators.OperatorsView.as_view(), name="publishing_operators"),
        path("deliveries/", deliveries.DeliveriesView.as_view(), name="deliveries"),
        path("deliveries/results/", deliveries.DeliveriesView.as_view(results_only=True), name="deliveries_results"),
        path("deliveries/<uuid:pk>/", deliveries.DeliveryView.as_view(), name="delivery"),
        path("deliveries/<uuid:pk>/dry-run/", rehearsing.DeliveryDryRunView.as_view(), name="delivery_dry_run"),
        *(
            path(
                f"deliveries/<uuid:pk>/{action.replace('_', '-')}/",
                deliveries.DeliveryActionView.as_view(),
                {"action": action},
                name=f"delivery_{action}",
            )
            for action in ("retry", "cancel", "look_again", "was_sent", "was_not_sent")
        ),
    ]


class MemberMenuItem(MenuItem):
    """Shown to everybody who belongs to the current organization."""

    def is_shown(self, request):
        return may(request.user, Action.VIEW, organization=request.organization)


@hooks.register("register_admin_menu_item")
def register_channels_menu_item():
    return MemberMenuItem(_("Channels"), reverse("channels"), name="channels", icon_name="site", order=50)


@hooks.register("register_admin_menu_item")
def register_deliveries_menu_item():
    return MemberMenuItem(_("Deliveries"), reverse("deliveries"), name="deliveries", icon_name="mail", order=60)


@hooks.register("register_admin_menu_item")
def register_publishing_menu_item():
    return MemberMenuItem(_("Publishing"), reverse("publishing"), name="publishing", icon_name="resubmit", order=65)


class OperatorsMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.is_superuser


@hooks.register("register_settings_menu_item")
def register_operators_menu_item():
    return OperatorsMenuItem(
        _("Deliveries of all"),
        reverse("publishing_operators"),
        name="deliveries-of-all",
        icon_name="resubmit",
        order=911,
    )


@hooks.register("register_log_actions")
def register_log_actions(actions):
    logbook.register(actions)
