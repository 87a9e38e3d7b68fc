"""Addresses below /api/v1/."""

from django.urls import path

from . import content

urlpatterns = [
    path("content/generate/", content.GenerateView.as_view(), name="content_generate"),
]
