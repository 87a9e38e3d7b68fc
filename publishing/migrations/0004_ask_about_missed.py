from django.db import migrations, models

# Holding back used to write to people; that is called asking now, so nobody loses a letter by the update.
ASK = "UPDATE publishing_publishingpolicy SET missed = 'ask' WHERE missed = 'hold'"
HOLD = "UPDATE publishing_publishingpolicy SET missed = 'hold' WHERE missed = 'ask'"


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0003_failure_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='publishingpolicy',
            name='asked_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='publishingpolicy',
            name='missed',
            field=models.CharField(choices=[('send_late', 'Send them late, one after another'), ('ask', 'Hold them back, and ask by mail those who may publish'), ('hold', 'Hold them back without a mail')], default='ask', max_length=10, verbose_name='posts that missed their time'),
        ),
        migrations.RunSQL(ASK, HOLD),
    ]
