"""Registers the help beside texts in the post editor."""

from django.urls import path
from wagtail import hooks

from .assist_views import AssistView, DescribeView, editor_script


@hooks.register("register_admin_urls")
def register_assist():
    return [
        path("assist/", AssistView.as_view(), name="assist"),
        path("assist/describe/", DescribeView.as_view(), name="assist_describe"),
    ]


@hooks.register("insert_editor_js")
def insert_assist():
    return editor_script()
