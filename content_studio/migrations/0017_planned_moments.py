from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """So that posts are sorted by their planned moment without reading what they say."""

    atomic = False  # an index that is made while people work

    dependencies = [("content_studio", "0016_words_of_posts")]

    operations = [
        AddIndexConcurrently(
            "socialpost",
            models.Index(
                fields=["planned_local"], include=["planned_timezone", "basepage_ptr"], name="post_planned_when"
            ),
        ),
        RemoveIndexConcurrently("socialpost", "post_planned"),
    ]
