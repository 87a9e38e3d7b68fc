import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('content_studio', '0015_due_dates'),
        ('organizations', '0011_edits_of_approved'),
    ]

    operations = [
        migrations.CreateModel(
            name='PostWords',
            fields=[
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='content_studio.socialpost')),
                ('revision_id', models.BigIntegerField()),
                ('text', models.TextField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'words of a post',
                'verbose_name_plural': 'words of posts',
            },
        ),
    ]
