from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """So that posts are sorted by their planned moment without reading what they say."""

    atomic = False  # an index that is made while people work

    dependencies = [("content_studio", "0016_words_of_posts")]

    operations = [
        # Of an attempt that was interrupted an index may be left that nobody can use.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS post_planned_when", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "socialpost",
            models.Index(
                fields=["planned_local"], include=["planned_timezone", "basepage_ptr"], name="post_planned_when"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS post_planned",
                    "CREATE INDEX CONCURRENTLY post_planned ON content_studio_socialpost (planned_local)",
                )
            ],
            [migrations.RemoveIndex("socialpost", "post_planned")],
        ),
    ]
