"""E-mails about an organization to people of it: as text, and as a page with its logo.

Whatever room a mail comes from, `send` writes it: in the organization's language, to each person alone.
"""

import logging
from collections.abc import Iterable, Sequence
from email.mime.image import MIMEImage
from time import monotonic

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

LOGO = "logo"  # what the page calls the picture that comes with it: `cid:logo`
SIGNATURE = "\n-- \n"
SLOW = 1.0  # seconds: a store of files that fails after them hangs, and is not asked again for a while
STORE_HANGS, A_WHILE = "mails:store-hangs", 60

logger = logging.getLogger(__name__)


class _Letter(EmailMultiAlternatives):
    mixed_subtype = "related"  # what is attached belongs to the page


def send(organization, template: str, *, to: Iterable[str], **context) -> int:
    """Sends everybody in `to` the e-mail that `template` says, whose first line is the subject. Returns how many."""
    people = list(to)
    addresses: list[str] = []  # noted by the template's tag `address`
    with translation.override(organization.locale):
        text = render_to_string(
            template,
            {
                "organization": organization,
                "product": settings.PRODUCT_NAME,
                "link": settings.BASE_URL + reverse("wagtailadmin_home"),
                "addresses": addresses,
                **context,
            },
        )
        subject, _blank, body = text.strip().partition("\n")
        logo = logo_of(organization) if people else None
        letters = [
            letter(organization, subject=subject, text=body, to=person, logo=logo, addresses=addresses)
            for person in people
        ]
    return sum(each.send() for each in letters)


def letter(
    organization,
    *,
    subject: str,
    text: str,
    to: str,
    logo: MIMEImage | None,
    html: str = "",
    addresses: Sequence[str] = (),
) -> EmailMultiAlternatives:
    """A mail that carries the organization's logo, as `logo_of` has it for all letters of a kind.

    `html` is its page, or else one is made of the text; in that, of all addresses only `addresses` lead anywhere.

    The picture lies in the mail: it needs no address that ends, and none that tells who has opened it. Whoever's
    program shows no pictures, or shows text alone, reads the organization's name.
    """
    mail = _Letter(subject.strip(), text.strip() + "\n", to=[to])
    body = text.strip().rsplit(SIGNATURE, 1)[0].strip()
    page = html or render_to_string(
        "organizations/mail/letter.html",
        {"organization": organization, "product": settings.PRODUCT_NAME, "body": body, "addresses": addresses},
    )
    if logo is not None:
        mail.attach(logo)
    else:
        page = page.replace(logo_tag(organization), "")
    mail.attach_alternative(page, "text/html")
    return mail


def logo_tag(organization) -> str:
    """Where a page shows the logo. `letter` takes it out again where there is none."""
    return render_to_string("organizations/mail/logo.html", {"organization": organization, "name": LOGO})


def logo_of(organization) -> MIMEImage | None:
    """The picture for letters; none where its file is lost, or lies in a store that does not answer."""
    if organization.logo is None or cache.get(STORE_HANGS):
        return None
    begun = monotonic()
    try:
        rendition = organization.logo.get_rendition("max-320x112|format-png")
        with rendition.file.open("rb") as file:
            picture = MIMEImage(file.read(), _subtype="png")
    except DatabaseError:
        raise
    except Exception as error:  # lost, or its store does not answer: the mail goes out all the same
        logger.warning("A mail goes without the logo of %s: %s", organization.pk, type(error).__name__)
        if monotonic() - begun > SLOW:
            cache.set(STORE_HANGS, True, A_WHILE)
        return None
    picture.add_header("Content-ID", f"<{LOGO}>")
    picture.add_header("Content-Disposition", "inline", filename="logo.png")
    return picture


def day(organization, moment) -> str:
    """A day as people of the organization write it."""
    with translation.override(organization.locale):
        return date_format(moment.astimezone(organization.zone), "j F Y")
