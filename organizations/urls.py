"""Addresses outside the studio: for people who are in no organization, not yet in it, or in a deleted one."""

from django.urls import path

from .views.account import AccountDataView
from .views.deleting import DeletedView, RestoreView
from .views.exports import DownloadView
from .views.invitations import InvitationView
from .views.second_factor import SecondFactorView
from .views.social import ConnectView
from .views.switching import NewOrganizationView, SwitchToSiteView, SwitchView

urlpatterns = [
    path("invitations/<str:secret>/", InvitationView.as_view(), name="invitation"),
    path("organizations/new/", NewOrganizationView.as_view(), name="organization_new"),
    path("organizations/public-site/switch/", SwitchToSiteView.as_view(), name="site_switch"),
    path("organizations/<uuid:pk>/switch/", SwitchView.as_view(), name="organization_switch"),
    path("organizations/<uuid:pk>/deleted/", DeletedView.as_view(), name="organization_deleted"),
    path("organizations/<uuid:pk>/restore/", RestoreView.as_view(), name="organization_restore"),
    path("organizations/<uuid:pk>/second-factor/", SecondFactorView.as_view(), name="organization_second_factor"),
    path("exports/<str:signature>/", DownloadView.as_view(), name="export_download"),
    path("accounts/3rdparty/connect/", ConnectView.as_view(), name="social_connect"),
    path("accounts/data/", AccountDataView.as_view(), name="account_data"),
]
