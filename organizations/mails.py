"""E-mails about an organization to people of it."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format


def send(organization, name: str, *, to: Iterable[str], **context) -> None:
    """Sends everybody in `to` the e-mail `name` of templates/organizations/mail, whose first line is the subject."""
    with translation.override(organization.locale):
        text = render_to_string(
            f"organizations/mail/{name}.txt",
            {
                "organization": organization,
                "product": settings.PRODUCT_NAME,
                "link": settings.BASE_URL + reverse("wagtailadmin_home"),
                **context,
            },
        )
    subject, _blank, body = text.strip().partition("\n")
    for address in to:
        EmailMessage(subject.strip(), body.strip() + "\n", to=[address]).send()


def day(organization, moment) -> str:
    """A day as people of the organization write it."""
    with translation.override(organization.locale):
        return date_format(moment.astimezone(organization.zone), "j F Y")
