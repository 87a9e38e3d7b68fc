from django.db import migrations
from wagtail.models import BootstrapLocaleField, BootstrapTranslatableModel, BootstrapTranslationKeyField


class Migration(migrations.Migration):
    """Gives pages their language. Wagtail's tables need ours first, and these fields need Wagtail's."""

    dependencies = [
        ("organizations", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        BootstrapLocaleField("organizations.BasePage"),
        BootstrapTranslationKeyField("organizations.BasePage"),
        BootstrapTranslatableModel("organizations.BasePage"),
    ]
