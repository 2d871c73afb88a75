# What asks for all accounts on a few days, such as the bands of half a year, read whole months.

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_what_every_installation_has'),
        ('health', '0002_snapshots'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='snapshot',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['day'], name='snapshots_of_a_day', pages_per_range=32),
        ),
    ]
