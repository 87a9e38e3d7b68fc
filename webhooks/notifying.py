"""Tells the right people that a webhook was switched off."""

from django.conf import settings
from django.urls import reverse

from organizations import mails
from organizations.models import User
from organizations.roles import Action, roles_that_may

from .models import Endpoint


def tell_of_disabling(endpoint: Endpoint) -> None:
    """Writes to whoever may manage webhooks in the organization."""
    people = User.objects.filter(
        is_active=True,
        memberships__organization=endpoint.organization_id,
        memberships__role__in=roles_that_may(Action.MANAGE_KEYS),
    )
    mails.send(
        endpoint.organization,
        "webhooks/mail/disabled.txt",
        to=sorted(set(people.values_list("email", flat=True))),
        endpoint=endpoint,
        url=settings.WAGTAILADMIN_BASE_URL + reverse("webhook", args=[endpoint.pk]),
    )
