"""What webhooks add to the studio. Registers only."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from organizations import logbook

from . import views


@hooks.register("register_admin_urls")
def register_urls():
    one = "organization/webhooks/<uuid:pk>/"
    return [
        path("organization/webhooks/", views.WebhooksView.as_view(), name="webhooks"),
        path(one, views.WebhookView.as_view(), name="webhook"),
        path(f"{one}rotate/", views.RotateView.as_view(), name="webhook_rotate"),
        path(f"{one}test/", views.TestView.as_view(), name="webhook_test"),
        path(f"{one}switch/", views.SwitchView.as_view(), name="webhook_switch"),
        path(f"{one}delete/", views.DeleteView.as_view(), name="webhook_delete"),
        path(f"{one}replay/", views.ReplayFailedView.as_view(), name="webhook_replay_failed"),
        path(f"{one}messages/<uuid:message_pk>/", views.MessageView.as_view(), name="webhook_message"),
        path(f"{one}messages/<uuid:message_pk>/replay/", views.ReplayView.as_view(), name="webhook_replay"),
    ]


@hooks.register("register_log_actions")
def register_log_actions(actions):
    logbook.register(
        actions,
        "webhooks",
        (
            ("create", _("Make a webhook"), _("Made the webhook “%(name)s”")),
            ("change", _("Change a webhook"), _("Changed the webhook “%(name)s”")),
            ("rotate", _("Give a webhook a new secret"), _("Gave the webhook “%(name)s” a new secret")),
            ("delete", _("Delete a webhook"), _("Deleted the webhook “%(name)s”")),
        ),
    )
