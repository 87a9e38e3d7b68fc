"""Where everything answers."""

from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.media import serve_media
from home.api import router as pages_api
from organizations.views.social import SocialSignupView

handler500 = "cms.faults.server_error"

urlpatterns = [
    path("accounts/3rdparty/signup/", SocialSignupView.as_view(), name="socialaccount_signup"),  # before allauth's own
    path("accounts/", include("allauth.urls")),
    path("", include("organizations.urls")),
    path("api/", pages_api.urls),
    path("api/", include("cms.api")),
    path("", include("publishing.urls")),
    path("", include("content_studio.urls")),
    # The studio's log-in is allauth's: Wagtail's own would ask for no second factor.
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", include(wagtailadmin_urls)),
    path("stripe/", include("djstripe.urls", namespace="djstripe")),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:name>", serve_media, name="media"),
    path("", include("home.urls")),
    path("", include(wagtail_urls)),
]
