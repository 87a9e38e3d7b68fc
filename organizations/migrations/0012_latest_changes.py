from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """So that the page of posts that were changed last is read without sorting all of them."""

    atomic = False  # an index that is made while people work

    dependencies = [("organizations", "0011_edits_of_approved")]

    operations = [
        # Of an attempt that was interrupted an index may be left that nobody can use.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS page_latest_change", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "basepage",
            models.Index(fields=["organization", "-latest_revision_created_at", "-id"], name="page_latest_change"),
        ),
    ]
