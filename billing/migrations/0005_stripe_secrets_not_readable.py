"""What dj-stripe has stored readable until now: API keys become fingerprints, signing secrets are encrypted."""

import hashlib

from django.db import migrations

from organizations.secrets import seal


def hide(apps, schema_editor):
    for key in apps.get_model("djstripe", "APIKey").objects.exclude(secret__startswith="sha256:"):
        key.secret = "sha256:" + hashlib.sha256(key.secret.encode()).hexdigest()
        key.save(update_fields=["secret"])
    for endpoint in apps.get_model("djstripe", "WebhookEndpoint").objects.all():
        endpoint.stripe_data.pop("secret", None)
        if endpoint.secret.startswith("whsec_"):
            endpoint.secret = seal(endpoint.secret)
        endpoint.save(update_fields=["secret", "stripe_data"])


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_people_without_a_seat"),
        ("djstripe", "0003_2_11"),
    ]

    operations = [migrations.RunPython(hide, migrations.RunPython.noop)]
