"""Addresses below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import assist, calendar, content, imports, library, posts, promote, review_links, slots, sorts, validate

router = SimpleRouter(use_regex_path=False)
router.register("posts", posts.PostViewSet, basename="post")
router.register("imports", imports.ImportViewSet, basename="import")
router.register("review-links", review_links.ReviewLinkViewSet, basename="review_link")
router.register("slots", slots.SlotViewSet, basename="slot")
router.register("campaigns", sorts.CampaignViewSet, basename="campaign")
router.register("labels", sorts.LabelViewSet, basename="label")
router.register("brand-voices", sorts.BrandVoiceViewSet, basename="brand_voice")
for name, viewset in library.VIEWSETS.items():
    router.register(f"library/{name}", viewset, basename=f"library_{name.replace('-', '_')}")

urlpatterns = [
    path("content/generate/", content.GenerateView.as_view(), name="content_generate"),
    path("content/generations/<uuid:pk>/keep/", content.KeepView.as_view(), name="content_generation_keep"),
    path("content/promote/", promote.PromoteView.as_view(), name="content_promote"),
    path("content/rewrite/", assist.RewriteView.as_view(), name="content_rewrite"),
    path("content/alt-text/", assist.AlternativeTextView.as_view(), name="content_alt_text"),
    path("content/validate/", validate.ValidateView.as_view(), name="content_validate"),
    path("calendar/", calendar.CalendarView.as_view(), name="calendar"),
    path("", include(router.urls)),
]
