"""What the studio adds to Wagtail's admin. Registers only."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from organizations import logbook
from organizations.roles import Action, may

from . import assist_hooks, guidelines_views, library_viewsets, media_views, tracing  # noqa: F401  they register on their own
from .calendar_views import CalendarView, EntriesView, MoveView
from .checking import ChecksOnCreateView, ChecksOnEditView
from .compose import ComposeView, KeepView, StreamView
from .editor import PostPageViewSet
from .label_viewsets import CampaignViewSet, LabelViewSet
from .link_views import LinkActionView, LinksView
from .queue_views import QueueActionView, QueueView
from .stage_views import StageActionView, StagesView, StageView
from .viewsets import posts_viewset


@hooks.register("register_admin_viewset")
def register_posts():
    return [posts_viewset, PostPageViewSet("post_pages"), LabelViewSet(), CampaignViewSet()]


@hooks.register("register_admin_urls")
def register_compose():
    return [
        path("compose/", ComposeView.as_view(), name="compose"),
        path("compose/stream/", StreamView.as_view(), name="compose_stream"),
        path("compose/<uuid:pk>/keep/", KeepView.as_view(), name="compose_keep"),
    ]


@hooks.register("register_admin_urls")
def register_calendar():
    return [
        path("calendar/", CalendarView.as_view(), name="calendar"),
        path("calendar/entries/", EntriesView.as_view(), name="calendar_entries"),
        path("calendar/move/", MoveView.as_view(), name="calendar_move"),
    ]


@hooks.register("register_admin_urls")
def register_queue():
    return [
        path("queue/", QueueView.as_view(), name="queues"),
        path("queue/<uuid:pk>/", QueueView.as_view(), name="queue"),
        path("queue/<uuid:pk>/action/", QueueActionView.as_view(), name="queue_action"),
    ]


@hooks.register("register_admin_menu_item")
def register_queue_menu_item():
    return MenuItem(_("Queue"), reverse("queues"), name="queue", icon_name="list-ul", order=31)


@hooks.register("register_admin_urls")
def register_checks():
    return [
        path("checks/<int:page_id>/", ChecksOnEditView.as_view(), name="post_checks"),
        path(
            "checks/<slug:content_type_app_name>/<slug:content_type_model_name>/<int:parent_page_id>/",
            ChecksOnCreateView.as_view(),
            name="post_checks_new",
        ),
    ]


@hooks.register("register_admin_menu_item")
def register_calendar_menu_item():
    return MenuItem(_("Calendar"), reverse("calendar"), name="calendar", icon_name="calendar-alt", order=30)


class ReviewMenuItem(MenuItem):
    def is_shown(self, request):
        return may(request.user, Action.MANAGE_SETTINGS, organization=getattr(request, "organization", None))


@hooks.register("register_admin_menu_item")
def register_review_menu_item():
    return ReviewMenuItem(_("Review"), reverse("review_stages"), name="review", icon_name="circle-check", order=71)


@hooks.register("register_admin_urls")
def register_review():
    return [
        path("review/", StagesView.as_view(), name="review_stages"),
        path("review/new/", StageView.as_view(), name="review_stage_add"),
        path("review/links/", LinksView.as_view(), name="review_links"),
        path("review/links/<uuid:pk>/action/", LinkActionView.as_view(), name="review_link_action"),
        path("review/<int:pk>/", StageView.as_view(), name="review_stage"),
        path("review/<int:pk>/action/", StageActionView.as_view(), name="review_stage_action"),
    ]


class ComposeMenuItem(MenuItem):
    def is_shown(self, request):
        return may(request.user, Action.GENERATE, organization=getattr(request, "organization", None))


@hooks.register("register_admin_menu_item")
def register_compose_menu_item():
    return ComposeMenuItem(_("Write with AI"), reverse("compose"), name="compose", icon_name="wand", order=10)


@hooks.register("register_icons")
def register_icons(icons):
    return [*icons, *(f"content_studio/icons/{name}.svg" for name in ("wand", "send", "undo"))]


@hooks.register("register_log_actions")
def register_log_actions(actions):
    logbook.register(
        actions,
        "content_studio",
        (
            ("import", _("Import posts"), _("Imported posts from “%(name)s”")),
            ("undo_import", _("Undo an import"), _("Undid the import of “%(name)s”")),
            ("make_review_link", _("Make a review link"), _("Made a review link for “%(name)s”")),
            (
                "renew_review_link",
                _("Renew a review link"),
                _("Let the review link for “%(name)s” show newer versions"),
            ),
            ("revoke_review_link", _("Revoke a review link"), _("Revoked the review link for “%(name)s”")),
            ("client_review", _("Review by a client"), _("%(person)s, by the link for “%(name)s”: %(did)s “%(post)s”")),
            ("change_guidelines", _("Change the guidelines"), _("Changed the guidelines: %(changes)s")),
        ),
    )
