"""The public site's pages as JSON, read only: Wagtail's pages API with nothing else in it."""

from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet

from .public import public_pages


class PublicPagesAPIViewSet(PagesAPIViewSet):
    """Every listing, filter, search and parent starts from what `public_pages` allows."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer]

    def get_base_queryset(self):
        return public_pages()


router = WagtailAPIRouter("pages_api")
router.register_endpoint("pages", PublicPagesAPIViewSet)
