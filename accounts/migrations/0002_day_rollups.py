"""What end users did and which features were used, by day: tables with month partitions, which Django cannot declare."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = """
create table accounts_userday (
    account_id bigint not null,
    end_user_record bigint not null,
    events bigint not null,
    day date not null,
    received_on date not null,
    superseded_on date,
    grain smallint not null,
    receipt_assumed boolean not null,
    primary key (account_id, day, end_user_record, grain, received_on),
    constraint userday_superseded_after_received check (superseded_on > received_on)
) partition by range (day);

create table accounts_featureday (
    account_id bigint not null,
    feature_id bigint not null,
    uses bigint not null,
    day date not null,
    received_on date not null,
    superseded_on date,
    grain smallint not null,
    receipt_assumed boolean not null,
    primary key (account_id, day, feature_id, grain, received_on),
    constraint featureday_superseded_after_received check (superseded_on > received_on)
) partition by range (day);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_people_accounts_and_facts"),
    ]

    operations = [
        migrations.RunSQL(
            TABLES,
            "drop table accounts_userday; drop table accounts_featureday",
            state_operations=[
                migrations.CreateModel(
                    name='UserDay',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account', 'day', 'end_user_record', 'grain', 'received_on', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('end_user_record', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('received_on', models.DateField()),
                        ('superseded_on', models.DateField(null=True)),
                        ('events', models.BigIntegerField()),
                        ('grain', models.SmallIntegerField(choices=[(1, 'day'), (7, 'week')])),
                        ('receipt_assumed', models.BooleanField()),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.account')),
                    ],
                ),
                migrations.CreateModel(
                    name='FeatureDay',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account', 'day', 'feature', 'grain', 'received_on', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('day', models.DateField()),
                        ('received_on', models.DateField()),
                        ('superseded_on', models.DateField(null=True)),
                        ('uses', models.BigIntegerField()),
                        ('grain', models.SmallIntegerField(choices=[(1, 'day'), (7, 'week')])),
                        ('receipt_assumed', models.BooleanField()),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.account')),
                        ('feature', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.feature')),
                    ],
                ),
            ],
        ),
    ]
