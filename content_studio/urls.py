"""Addresses outside of the studio, for people who have no account."""

from django.urls import path

from .client_views import ClientReviewView

urlpatterns = [
    path("review/<str:token>/", ClientReviewView.as_view(), name="client_review"),
]
