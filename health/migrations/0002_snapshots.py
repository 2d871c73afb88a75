"""Snapshots with month partitions, which Django cannot declare."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


# Wide columns first, so that no bytes are lost to alignment: a year of a hundred thousand accounts is 36 million rows.
SNAPSHOTS = """
create table health_snapshot (
    account_id bigint not null,
    known_at timestamptz not null,
    version_id bigint not null,
    settings_id bigint not null,
    line_up_id bigint not null,
    before_version_id bigint,
    override_id bigint,
    score double precision,
    coverage double precision not null,
    day date not null,
    guards_before integer not null,
    guards integer not null,
    pass smallint not null,
    band_before smallint not null,
    scored smallint not null,
    computed smallint not null,
    effective smallint not null,
    digest bytea not null,
    readings double precision[] not null,
    details smallint[] not null,
    primary key (account_id, day),
    constraint snapshot_pass_is_one_of_two check (pass in (1, 2)),
    constraint snapshot_details_are_three_a_reading
        check (coalesce(array_length(details, 1), 0) = 3 * coalesce(array_length(readings, 1), 0))
) partition by range (day);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0001_scorecards_and_what_they_say'),
    ]

    operations = [
        migrations.RunSQL(
            SNAPSHOTS,
            "drop table health_snapshot",
            state_operations=[
                migrations.CreateModel(
                    name='Snapshot',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('day', models.DateField()),
                        ('known_at', models.DateTimeField()),
                        ('version_id', models.BigIntegerField()),
                        ('settings_id', models.BigIntegerField()),
                        ('line_up_id', models.BigIntegerField()),
                        ('before_version_id', models.BigIntegerField(null=True)),
                        ('override_id', models.BigIntegerField(null=True)),
                        ('score', models.FloatField(null=True)),
                        ('coverage', models.FloatField()),
                        ('guards_before', models.IntegerField()),
                        ('guards', models.IntegerField()),
                        ('which', models.SmallIntegerField(choices=[(1, 'Provisional'), (2, 'Settled')], db_column='pass')),
                        ('band_before', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                        ('scored', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                        ('computed', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                        ('effective', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                        ('readings', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('details', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                        ('digest', models.BinaryField(max_length=16)),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.account')),
                    ],
                ),
            ],
        ),
    ]
