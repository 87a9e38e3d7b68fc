"""Addresses below /api/v1/ that concern people, their organizations and what these keep."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import closing, keys, log, media, organizations, people, tokens

router = SimpleRouter(use_regex_path=False)
router.register("members", people.MemberViewSet, basename="member")
router.register("invitations", people.InvitationViewSet, basename="invitation")
router.register("api-keys", keys.ApiKeyViewSet, basename="api_key")
router.register("media/images", media.ImageViewSet, basename="image")
router.register("media/documents", media.DocumentViewSet, basename="document")

urlpatterns = [
    path("auth/token/", tokens.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", tokens.TokenRefreshView.as_view(), name="token_refresh"),
    path("auth/token/revoke/", tokens.TokenRevokeView.as_view(), name="token_revoke"),
    path("me/", tokens.MeView.as_view(), name="me"),
    path("organizations/", organizations.OrganizationsView.as_view(), name="organizations"),
    path("organizations/<uuid:id>/", organizations.OrganizationView.as_view(), name="organization"),
    path("organizations/<uuid:id>/logo/", organizations.LogoView.as_view(), name="organization_logo"),
    *closing.urlpatterns,
    path("audit-log/", log.AuditLogView.as_view(), name="audit_log"),
    path("", include(router.urls)),
]
