"""Tells the right people that a webhook was switched off."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

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
    address = settings.WAGTAILADMIN_BASE_URL + reverse("webhook", args=[endpoint.pk])
    body = render_to_string(
        "webhooks/mail/disabled.txt", {"endpoint": endpoint, "url": address, "product": settings.PRODUCT_NAME}
    )
    subject = _("A webhook of %(organization)s was switched off") % {"organization": endpoint.organization}
    for email in sorted(set(people.values_list("email", flat=True))):
        send_mail(subject, body, None, [email])
