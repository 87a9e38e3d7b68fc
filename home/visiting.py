"""What visitors send, taken in: no cookie, no captcha, no third party.

Robots are told from people by a field that people do not see, by the page that
the form was sent from, and by how much one network address sends in an hour.
"""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.problems import Problem
from organizations.walls import outside_walls

from .models.settings import SiteSettings
from .models.visitors import ContactMessage, Subscription

MESSAGES_AN_HOUR = 5
SUBSCRIPTIONS_AN_HOUR = 5
CONFIRMATION_DAYS = 7
_SALT = "home.newsletter"


class TooMany(Problem):
    slug = "too-many-messages"
    status = 429
    title = "Too many messages"


class FormForPeople(forms.Form):
    """A form with a trap: `website` is out of sight, so whoever fills it in is no person."""

    website = forms.CharField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get("website"))


class ContactForm(FormForPeople):
    name = forms.CharField(label=_("Your name"), max_length=100)
    email = forms.EmailField(label=_("Your e-mail address"))
    text = forms.CharField(label=_("Your message"), max_length=5000, widget=forms.Textarea)


class NewsletterForm(FormForPeople):
    email = forms.EmailField(label=_("Your e-mail address"))


def came_from_here(request) -> bool:
    """False for a form that another site's page sent. Stands in for a CSRF cookie, which kept pages cannot set."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return origin is None or urlsplit(origin).netloc == request.get_host()


def sender_of(request) -> str:
    """Tells one network address from another for a day, and cannot be turned back into it."""
    day = timezone.now().date().isoformat()
    address = get_adapter(request).get_client_ip(request)
    return hmac.new(settings.SECRET_KEY.encode(), f"{day} {address}".encode(), hashlib.sha256).hexdigest()


def _limit(recent, limit: int) -> None:
    if recent.count() >= limit:
        raise TooMany("That was a lot in a short time. Please try again in an hour, or write us a mail.")


@outside_walls()
def receive_message(*, name: str, email: str, text: str, sender: str, site) -> ContactMessage:
    """Keeps the message, and mails it to the site's contact address if it has one. Raises TooMany."""
    hour_ago = timezone.now() - timedelta(hours=1)
    _limit(ContactMessage.objects.filter(sender=sender, created_at__gt=hour_ago), MESSAGES_AN_HOUR)
    message = ContactMessage.objects.create(name=name, email=email, text=text, sender=sender)
    address = SiteSettings.of(site).contact_email if site else ""
    if address:
        subject = " ".join(f"Message from {name}".split())
        EmailMessage(subject, text, to=[address], reply_to=[email]).send()
    return message


@outside_walls()
def ask_for_newsletter(*, email: str, sender: str) -> None:
    """Sends a mail with a link that confirms the address. Says nothing about whether it was known. Raises TooMany."""
    hour_ago = timezone.now() - timedelta(hours=1)
    _limit(Subscription.objects.filter(sender=sender, asked_at__gt=hour_ago), SUBSCRIPTIONS_AN_HOUR)
    subscription, _created = Subscription.objects.update_or_create(
        email=email.lower(), defaults={"sender": sender}, create_defaults={"email": email.lower(), "sender": sender}
    )
    if subscription.confirmed_at is None:
        link = settings.BASE_URL + reverse("newsletter_confirm", args=[token_of(subscription)])
        text = render_to_string("home/mail/newsletter_confirm.txt", {"link": link, "days": CONFIRMATION_DAYS})
        send_mail("Please confirm: news about Content Studio", text, None, [subscription.email])


def token_of(subscription: Subscription) -> str:
    """What a link in a mail has in it, to confirm or to leave."""
    return signing.dumps(str(subscription.pk), salt=_SALT)


def subscription_of(token: str, *, max_age_days: int | None = CONFIRMATION_DAYS) -> Subscription | None:
    """The subscription that a link in a mail speaks of; none where the link is forged or too old."""
    age = max_age_days * 86_400 if max_age_days else None
    try:
        key = signing.loads(token, salt=_SALT, max_age=age)
    except signing.BadSignature:
        return None
    return Subscription.objects.filter(pk=key).first()


@outside_walls()
def confirm_newsletter(token: str) -> Subscription | None:
    subscription = subscription_of(token)
    if subscription and subscription.confirmed_at is None:
        subscription.confirmed_at = timezone.now()
        subscription.save(update_fields=["confirmed_at"])
    return subscription


@outside_walls()
def leave_newsletter(token: str) -> bool:
    """Deletes the subscription. A link to leave never grows too old."""
    subscription = subscription_of(token, max_age_days=None)
    if subscription is None:
        return False
    subscription.delete()
    return True
