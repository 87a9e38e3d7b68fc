import uuid

from django.db import migrations, models


def give_each_its_own(apps, schema_editor):
    for name in ("LibraryImage", "LibraryDocument"):
        for row in apps.get_model("organizations", name).objects.only("pk").iterator():
            row.uuid = uuid.uuid4()
            row.save(update_fields=["uuid"])


def uuid_field(**kwargs):
    return models.UUIDField(default=uuid.uuid4, editable=False, **kwargs)


class Migration(migrations.Migration):
    """In three steps, so that rows that are there already get different ids."""

    dependencies = [
        ("organizations", "0004_role_groups"),
    ]

    operations = [
        migrations.AddField("librarydocument", "uuid", uuid_field(null=True)),
        migrations.AddField("libraryimage", "uuid", uuid_field(null=True)),
        migrations.RunPython(give_each_its_own, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("librarydocument", "uuid", uuid_field(unique=True)),
        migrations.AlterField("libraryimage", "uuid", uuid_field(unique=True)),
    ]
