"""Addresses below /api/v1/."""

from django.urls import path

from . import content, validate

urlpatterns = [
    path("content/generate/", content.GenerateView.as_view(), name="content_generate"),
    path("content/validate/", validate.ValidateView.as_view(), name="content_validate"),
]
