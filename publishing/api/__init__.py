"""Addresses below /api/v1/ that concern channels, deliveries and publishing as a whole."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import channels, deliveries, policy

router = SimpleRouter(use_regex_path=False)
router.register("channels", channels.ChannelViewSet, basename="channel")
router.register("deliveries", deliveries.DeliveryViewSet, basename="delivery")

urlpatterns = [
    path("publishing/policy/", policy.PolicyView.as_view(), name="publishing_policy"),
    path("publishing/suspend/", policy.SuspendPublishingView.as_view(), name="publishing_suspend"),
    path("publishing/resume/", policy.ResumePublishingView.as_view(), name="publishing_resume"),
    path("", include(router.urls)),
]
