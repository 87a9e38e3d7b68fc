"""Views of the API for lists of things that belong to one organization.

Apart from `organizations.rest`, which Django REST framework itself imports while it loads its views.
"""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import viewsets
from rest_framework.response import Response

from .rest import CursorPages, OrganizationViewMixin


class NamedByAddress:
    """Finds what the address names among the view's own; a filter is for lists."""

    get_queryset: Any
    kwargs: dict[str, Any]
    lookup_field: str
    lookup_url_kwarg: str

    def get_object(self):
        return get_object_or_404(self.get_queryset(), **{self.lookup_field: self.kwargs[self.lookup_url_kwarg]})


class OwnViewSet(NamedByAddress, OrganizationViewMixin, viewsets.GenericViewSet):
    """Things of one organization, newest first. Subclasses say by `get_own()` which; they are named by UUIDs."""

    pagination_class = CursorPages
    filter_backends: list = []
    filterset_class: type | None = None
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"

    def get_own(self):
        raise NotImplementedError

    def get_queryset(self):
        return self.queryset if getattr(self, "swagger_fake_view", False) else self.get_own()

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request, *args, **kwargs):
        return Response(self.get_serializer(self.get_object()).data)
