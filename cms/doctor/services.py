"""What others do for the installation: the mail server, networks, AI and Stripe."""

import smtplib
import time
from datetime import timedelta

import requests
from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone
from djstripe.models import WebhookEventTrigger

from billing import catalogue
from publishing.connections import CONNECTIONS

from .findings import ANSWER_SECONDS, Finding, Verdict

SYNC = "Run manage.py billing_sync, also after each change of BASE_URL or billing/plans.py."


def network_apps(subject: str) -> Finding:
    """The keys of this installation's own apps at the networks that people connect by signing in there."""
    ways = [way for way in CONNECTIONS if way.settings]
    for way in ways:
        if 0 < len(way.missing) < len(way.settings):
            what = f"{way.name}: {' and '.join(way.missing)} is missing, so it is not offered"
            return Finding(subject, Verdict.FAILED, what, f"Take both from {way.keys_from}")
    offered = [str(way.name) for way in ways if not way.missing]
    if not offered:
        return Finding(
            subject, Verdict.UNUSED, f"none has keys: {', '.join(str(way.name) for way in ways)} not offered"
        )
    return Finding(subject, Verdict.OK, f"{', '.join(offered)} offered")


def mail_server(subject: str) -> Finding:
    if not settings.MAILER_EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return Finding(subject, Verdict.UNUSED, "mails are not sent but shown or kept (EMAIL_URL is not set)")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mail = get_connection(settings.MAILER_EMAIL_BACKEND, timeout=ANSWER_SECONDS)
    try:
        mail.open()
    except smtplib.SMTPAuthenticationError:
        return Finding(
            subject, Verdict.FAILED, f"{where} refuses the log-in", "Correct user and password in EMAIL_URL."
        )
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            subject,
            Verdict.FAILED,
            f"{where} cannot be reached: {error}",
            "Start the mail server, correct EMAIL_URL, or open the firewall.",
        )
    mail.close()
    return Finding(subject, Verdict.OK, f"{where} takes mail")


def openai(subject: str) -> Finding:
    if not settings.OPENAI_API_KEY:
        return Finding(subject, Verdict.UNUSED, "OPENAI_API_KEY is not set: it is not offered")
    headers = {"Authorization": f"Bearer {settings.OPENAI_API_KEY}"}
    return _service(subject, f"{settings.OPENAI_BASE_URL.rstrip('/')}/models", headers, "OPENAI")


def gemini(subject: str) -> Finding:
    if not settings.GEMINI_API_KEY:
        return Finding(subject, Verdict.UNUSED, "GEMINI_API_KEY is not set: it is not offered")
    headers = {"x-goog-api-key": settings.GEMINI_API_KEY}
    return _service(subject, f"{settings.GEMINI_BASE_URL.rstrip('/')}/v1beta/models", headers, "GEMINI")


def stripe(subject: str) -> Finding:
    if not settings.STRIPE_SECRET_KEY:
        return Finding(subject, Verdict.UNUSED, "STRIPE_SECRET_KEY is not set: nothing is for sale")
    headers = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
    return _service(subject, f"{settings.STRIPE_API_BASE.rstrip('/')}/v1/balance", headers, "STRIPE")


def plans_for_sale(subject: str) -> Finding:
    """Whether what `billing_sync` makes is there, and whether Stripe's news are taken."""
    if not settings.STRIPE_SECRET_KEY:
        return Finding(subject, Verdict.UNUSED, "nothing is for sale")
    if missing := catalogue.missing():
        return Finding(subject, Verdict.FAILED, f"Stripe has not been told of {', '.join(missing)}", SYNC)
    refused = WebhookEventTrigger.objects.filter(created__gt=timezone.now() - timedelta(days=1), processed=False)
    if count := refused.count():
        why = refused.latest("created").exception or "the signature is not made with the secret that is known here"
        what = f"{count} of Stripe's news of the last day were not taken: {why}"
        return Finding(subject, Verdict.WARNING, what, "Stripe sends them again. manage.py billing_reconcile mends.")
    return Finding(subject, Verdict.OK, "every plan has its prices, and Stripe's news are taken")


def _service(subject: str, address: str, headers: dict[str, str], prefix: str) -> Finding:
    """Asks another service for something that costs nothing and needs the key."""
    key = {"STRIPE": "STRIPE_SECRET_KEY"}.get(prefix, f"{prefix}_API_KEY")
    began = time.monotonic()
    try:
        answer = requests.get(address, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(
            subject,
            Verdict.FAILED,
            f"cannot be reached: {type(error).__name__}",
            f"Let this machine reach {address}, or correct its address in the settings.",
        )
    if answer.status_code in (401, 403):
        return Finding(subject, Verdict.FAILED, f"refuses {key}", f"Make a new key there and set {key}.")
    if answer.status_code == 429:
        return Finding(subject, Verdict.WARNING, "says that its limit is used up", "Raise the limit there, or wait.")
    if answer.status_code >= 400:
        return Finding(
            subject, Verdict.FAILED, f"answers {answer.status_code}", f"See its status page; the address is {address}."
        )
    return Finding(subject, Verdict.OK, f"takes the key, {(time.monotonic() - began) * 1000:.0f} ms")
