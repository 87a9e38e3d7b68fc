from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0010_second_factor_required'),
    ]

    operations = [
        migrations.AddField(
            model_name='organization',
            name='edits_of_approved',
            field=models.CharField(choices=[('keep', 'The approved version stays, and stays scheduled; the edit starts a new draft'), ('take_back', 'The post is taken back: off the schedule, to be reviewed again')], default='keep', max_length=12, verbose_name='editing an approved or scheduled post'),
        ),
    ]
