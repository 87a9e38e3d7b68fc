"""What the tests of billing share."""

import contextlib

import pytest


@pytest.fixture
def committed_acme(django_db_setup, django_db_blocker):
    """An organization that is really committed, so that other threads see it. Removed with all its rows."""
    from organizations.models import Organization

    with django_db_blocker.unblock():
        organization = Organization.objects.create(name="Acme", slug="acme-committed")
        try:
            yield organization
        finally:
            organization.delete()


class Stripe:
    """The stand-in for Stripe as a test uses it: what is in it, its API, and its webhooks to us."""

    def __init__(self, account, server, client, monkeypatch):
        self.account = account
        self.server = server
        self.client = client
        self.monkeypatch = monkeypatch

    @property
    def webhook_path(self):
        from urllib.parse import urlsplit

        (endpoint,) = self.account.stores["webhook_endpoints"].values()
        return urlsplit(endpoint["url"]).path

    def post(self, event, *, secret=None, at=None, client=None):
        """One delivery of one event to our endpoint, signed as Stripe signs it."""
        body, signature = self.server.signed(event, secret=secret, at=at)
        return (client or self.client).post(
            self.webhook_path, data=body, content_type="application/json", headers={"Stripe-Signature": signature}
        )

    def deliver(self, events=None):
        """Everything that has happened since the last time, in order; or the given events."""
        delivered = self.account.undelivered() if events is None else events
        for event in delivered:
            assert self.post(event).status_code == 200, event["type"]
        return delivered

    def advance(self, to=None, **delta):
        """Time goes on, in Stripe and here."""
        from django.utils import timezone

        self.account.advance(to, **delta)
        self.monkeypatch.setattr(timezone, "now", lambda: self.account.moment)

    def price(self, plan, interval="month"):
        from billing.catalogue import lookup_key

        key = lookup_key(plan, interval)
        return next(each for each in self.account.stores["prices"].values() if each["lookup_key"] == key)

    def last_session(self, kind="checkout/sessions"):
        return list(self.account.stores[kind].values())[-1]["id"]

    def subscribe(self, organization, user, plan, *, yearly=False, **kwargs):
        """The whole way: our button, Stripe's page, its news."""
        from billing.checkout import choose_plan

        choose_plan(organization, plan=plan.key, yearly=yearly, user=user)
        subscription = self.account.complete_checkout(self.last_session(), **kwargs)
        self.deliver()
        return subscription


@pytest.fixture
def stripe(db, settings, client, monkeypatch):
    """A Stripe account on loopback, with the catalogue in it."""
    with _on_loopback(settings, client, monkeypatch) as stripe:
        yield stripe


@pytest.fixture
def committed_stripe(committed_acme, settings, client, monkeypatch, django_db_blocker):
    """The same, with everything that dj-stripe stores really committed, so that other threads see it."""
    from django.apps import apps
    from django.db import connection

    with django_db_blocker.unblock():
        try:
            with _on_loopback(settings, client, monkeypatch) as stripe:
                yield stripe
        finally:
            tables = ", ".join(model._meta.db_table for model in apps.get_app_config("djstripe").get_models())
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {tables} CASCADE")


@contextlib.contextmanager
def _on_loopback(settings, client, monkeypatch):
    import stripe as sdk

    from billing import catalogue

    from .stripe_fake import StripeAccount, StripeServer

    with StripeServer(StripeAccount()) as server:
        settings.STRIPE_SECRET_KEY = server.SECRET_KEY
        settings.STRIPE_API_BASE = settings.STRIPE_API_HOST = server.url
        monkeypatch.setattr(sdk, "api_base", server.url)
        list(catalogue.sync())
        yield Stripe(server.account, server, client, monkeypatch)


@pytest.fixture
def mail_at_once(monkeypatch):
    """E-mails go out where they are queued, without a worker."""
    from django.db import transaction

    from billing import mails, tasks

    monkeypatch.setattr(transaction, "on_commit", lambda run, **kwargs: run())
    monkeypatch.setattr(mails, "async_task", lambda name, *args: getattr(tasks, name.rpartition(".")[2])(*args))
