"""Addresses of the public site that are no pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("styles/<slug:digest>.css", views.stylesheet, name="stylesheet"),
    path("search/", views.search, name="search"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("llms.txt", views.llms, name="llms"),
    path("favicon.ico", views.favicon),
    path("share/<int:pk>.png", views.picture_for_sharing, name="picture_for_sharing"),
    path("messages/<int:pk>/", views.message, name="message"),
    path("docs/api/problems/<slug:slug>", views.problem),
    path("newsletter/", views.newsletter, name="newsletter"),
    path("newsletter/asked/", views.newsletter_asked, name="newsletter_asked"),
    path("newsletter/confirm/<str:token>/", views.newsletter_confirm, name="newsletter_confirm"),
    path("newsletter/leave/<str:token>/", views.newsletter_leave, name="newsletter_leave"),
]
