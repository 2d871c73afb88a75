"""Sequences of events, and what each session began with: nothing of it is known of sessions that were rolled up before."""

import django.contrib.postgres.fields
from django.db import migrations, models

FILL = """
update accounts_userday set session_pages = array_fill(0, array[cardinality(session_seconds)]),
    session_landings = array_fill(0::bigint, array[cardinality(session_seconds)]),
    session_roles = array_fill(0::bigint, array[cardinality(session_seconds)])
where session_seconds is not null
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0018_merges_of_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='EventSequence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begins', models.BigIntegerField()),
                ('ends', models.BigIntegerField()),
                ('bit', models.BigIntegerField(unique=True)),
            ],
        ),
        migrations.AddField(
            model_name='eventperson',
            name='session_landing',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='eventperson',
            name='session_roles',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='userday',
            name='session_landings',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='userday',
            name='session_pages',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='userday',
            name='session_roles',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='eventrole',
            name='name',
            field=models.CharField(max_length=520, unique=True),
        ),
    ]
