"""Nobody who reads the database, or a backup of it, can act as us in Stripe or as Stripe with us."""

import importlib

from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection, connections
from djstripe.models import APIKey, WebhookEndpoint

from billing import catalogue
from billing.entitlements import plan_of
from billing.plans import PRO


def everything_stored():
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row


def test_no_key_and_no_signing_secret_is_readable_anywhere_in_the_database(stripe, acme, alice):
    stripe.subscribe(acme, alice, PRO)
    assert plan_of(acme) == PRO
    assert APIKey.objects.exists()
    secrets = [stripe.server.SECRET_KEY, stripe.server.signing_secret]
    assert [(table, row) for table, row in everything_stored() if any(secret in row for secret in secrets)] == []


def test_a_signing_secret_from_the_settings_is_not_readable_either(stripe, settings):
    settings.STRIPE_WEBHOOK_SECRET = "whsec_made_by_hand_000000000000000000"
    assert any("Keeping the secret" in said for said in catalogue.sync())
    assert list(catalogue.sync()) == []
    assert WebhookEndpoint.objects.get().secret == settings.STRIPE_WEBHOOK_SECRET
    assert not [row for _table, row in everything_stored() if settings.STRIPE_WEBHOOK_SECRET in row]


def test_dj_stripe_finds_its_row_of_a_key_again(stripe):
    row, created = APIKey.objects.get_or_create_by_api_key(stripe.server.SECRET_KEY)
    assert not created
    assert row.secret == stripe.server.SECRET_KEY
    assert row.djstripe_owner_account is not None


def test_a_new_key_in_the_settings_is_used_at_once(stripe, settings):
    row = APIKey.objects.get()
    settings.STRIPE_SECRET_KEY = "sk_test_theNextKey0000000000000000"
    row.refresh_from_db()
    assert row.secret == settings.STRIPE_SECRET_KEY
    assert row.djstripe_owner_account.default_api_key == settings.STRIPE_SECRET_KEY


def test_the_signing_secret_outlives_a_change_of_the_keys_of_encryption(stripe, settings):
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    call_command("rotate_encryption_keys")
    settings.ENCRYPTION_KEYS = [new]
    assert WebhookEndpoint.objects.get().secret == stripe.server.signing_secret


def test_what_was_stored_readable_before_is_hidden_by_the_migration(stripe):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE djstripe_apikey SET secret = 'sk_test_readable00000000000000000'")
        cursor.execute(
            "UPDATE djstripe_webhookendpoint SET secret = 'whsec_readable',"
            """ stripe_data = stripe_data || '{"secret": "whsec_readable"}'"""
        )
    hide = importlib.import_module("billing.migrations.0005_stripe_secrets_not_readable").hide
    hide(_AsBefore, None)
    assert not [row for _table, row in everything_stored() if "readable0" in row or "whsec_readable" in row]
    assert WebhookEndpoint.objects.get().secret == "whsec_readable"
    hide(_AsBefore, None)  # twice is harmless
    assert WebhookEndpoint.objects.get().secret == "whsec_readable"


class _AsBefore:
    """The models as a migration sees them: dj-stripe's own columns."""

    @staticmethod
    def get_model(app_label, name):
        from django.db.migrations.loader import MigrationLoader

        state = MigrationLoader(connections["default"]).project_state([("billing", "0005_stripe_secrets_not_readable")])
        return state.apps.get_model(app_label, name)
