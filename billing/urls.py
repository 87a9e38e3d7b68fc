"""Pages of the studio about the plan and what is used of it; below /admin/plan/."""

from django.urls import path

from . import operators, views

app_name = "billing"
urlpatterns = [
    path("", views.PlanView.as_view(), name="plan"),
    path("bar/", views.BarView.as_view(), name="bar"),
    path("choose/", views.PlansView.as_view(), name="plans"),
    path("choose/go/", views.ChooseView.as_view(), name="choose"),
    path("portal/", views.PortalView.as_view(), name="portal"),
    path("stay/", views.StayView.as_view(), name="stay"),
    path("returned/", views.ReturnedView.as_view(), name="returned"),
    path("usage.csv", views.ExportView.as_view(), name="export"),
    path("keep/", views.KeepView.as_view(), name="keep"),
    path("operators/", operators.OperatorsView.as_view(), name="operators"),
]
