"""Addresses outside the studio: for people who are not in the organization, or in none, yet."""

from django.urls import path

from .views.invitations import InvitationView
from .views.switching import NewOrganizationView

urlpatterns = [
    path("invitations/<str:secret>/", InvitationView.as_view(), name="invitation"),
    path("organizations/new/", NewOrganizationView.as_view(), name="organization_new"),
]
