"""Pages of the studio about the plan and what is used of it; below /admin/plan/."""

from django.urls import path

from . import views

app_name = "billing"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("returned/", views.returned, name="returned"),
]
