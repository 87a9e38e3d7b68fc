"""The addresses of the posts' pages in the studio."""

from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSet

from . import comment_views, import_views, post_views, rehearsing_views
from .bulk_views import BulkView
from .listing import PostIndexView
from .queue_views import QueuePostView


class PostsViewSet(ViewSet):
    name = "posts"
    url_prefix = "posts"
    icon = "edit"
    menu_label = _("Posts")
    menu_order = 20
    add_to_admin_menu = True

    @cached_property
    def menu_url(self):
        return reverse("posts:index")

    def get_urlpatterns(self):
        step = post_views.StepView.as_view
        return [
            path("", PostIndexView.as_view(), name="index"),
            path("results/", PostIndexView.as_view(results_only=True), name="index_results"),
            path("import/", import_views.ImportsView.as_view(), name="imports"),
            path("import/template.<str:kind>", import_views.TemplateFileView.as_view(), name="import_template"),
            path("import/<uuid:pk>/", import_views.ImportView.as_view(), name="import"),
            path("import/<uuid:pk>/progress/", import_views.ProgressView.as_view(), name="import_progress"),
            path("export.<str:kind>", import_views.ExportView.as_view(), name="export"),
            path("bulk/", BulkView.as_view(), name="bulk"),
            path("<int:pk>/", post_views.DetailView.as_view(), name="detail"),
            path("<int:pk>/comments/", comment_views.CommentView.as_view(), name="comment"),
            path("<int:pk>/comments/<int:comment>/reply/", comment_views.ReplyView.as_view(), name="comment_reply"),
            path(
                "<int:pk>/comments/<int:comment>/resolve/", comment_views.ResolveView.as_view(), name="comment_resolve"
            ),
            path("<int:pk>/comments/<int:comment>/delete/", comment_views.DeleteView.as_view(), name="comment_delete"),
            path(
                "<int:pk>/comments/<int:comment>/replies/<int:reply>/delete/",
                comment_views.DeleteView.as_view(),
                name="reply_delete",
            ),
            path("<int:pk>/dry-run/", rehearsing_views.DryRunView.as_view(), name="dry_run"),
            path("<int:pk>/schedule/", post_views.ScheduleView.as_view(), name="schedule"),
            path("<int:pk>/schedule/moment/", post_views.MomentView.as_view(), name="moment"),
            path("<int:pk>/queue/", QueuePostView.as_view(), name="queue"),
            path("<int:pk>/publish/", post_views.PublishView.as_view(), name="publish"),
            path("<int:pk>/unschedule/", post_views.UnscheduleView.as_view(), name="unschedule"),
            path("<int:pk>/request-changes/", post_views.RequestChangesView.as_view(), name="request_changes"),
            path("<int:pk>/submit/", step(step="submit"), name="submit"),
            path("<int:pk>/approve/", step(step="approve"), name="approve"),
            path("<int:pk>/approve-and-schedule/", step(step="approve_schedule"), name="approve_schedule"),
            path("<int:pk>/duplicate/", step(step="duplicate"), name="duplicate"),
            path("<int:pk>/page-checked/", post_views.DismissPromotionView.as_view(), name="dismiss_promotion"),
            path("<int:pk>/withdraw/", step(step="withdraw"), name="withdraw"),
        ]


posts_viewset = PostsViewSet()
