"""What end users did and which features were used, by day, and the events that tell it: tables with partitions, which Django
cannot declare."""

import django.contrib.postgres.fields
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
    origin smallint not null default 0,
    logins integer,
    sessions integer,
    single_page_sessions integer,
    active_seconds integer,
    session_seconds integer[],
    roles bigint,
    session_landings bigint[],
    session_pages integer[],
    session_roles bigint[],
    primary key (account_id, day, end_user_record, grain, origin, received_on),
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
    origin smallint not null default 0,
    primary key (account_id, day, feature_id, grain, origin, received_on),
    constraint featureday_superseded_after_received check (superseded_on > received_on)
) partition by range (day);

create table accounts_event (
    delivery_id bigint not null,
    source_id bigint not null,
    at timestamptz not null,
    received_at timestamptz not null,
    received_on date not null,
    seconds integer,
    position smallint not null,
    type smallint not null,
    name text,
    user_id text collate "C",
    anonymous_id text collate "C",
    group_id text collate "C",
    path text,
    traits jsonb,
    primary key (received_on, delivery_id, position)
) partition by range (received_on);
create index accounts_event_of_user on accounts_event (source_id, user_id, at) where user_id is not null;
create index accounts_event_of_visitor on accounts_event (source_id, anonymous_id, at) where user_id is null;

create table accounts_seen (
    source_id bigint not null,
    message uuid not null,
    seen_on date not null,
    primary key (source_id, message)
) partition by hash (source_id, message);
""" + "".join(
    f"create table accounts_seen_{part} partition of accounts_seen for values with (modulus 8, remainder {part});"
    for part in range(8)
)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_people_accounts_and_facts'),
    ]

    operations = [
        migrations.RunSQL(
            TABLES,
            "drop table accounts_userday; drop table accounts_featureday; drop table accounts_event; drop table accounts_seen",
            state_operations=[
                migrations.CreateModel(
                    name='FeatureDay',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account', 'day', 'feature', 'grain', 'origin', 'received_on', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('day', models.DateField()),
                        ('received_on', models.DateField()),
                        ('superseded_on', models.DateField(null=True)),
                        ('uses', models.BigIntegerField()),
                        ('grain', models.SmallIntegerField(choices=[(1, 'day'), (7, 'week')])),
                        ('origin', models.SmallIntegerField(choices=[(0, 'counted'), (1, 'tracked')], default=0)),
                        ('receipt_assumed', models.BooleanField()),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.account')),
                        ('feature', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.feature')),
                    ],
                ),
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('pk', models.CompositePrimaryKey('received_on', 'delivery_id', 'position', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('received_on', models.DateField()),
                        ('delivery_id', models.BigIntegerField()),
                        ('position', models.SmallIntegerField()),
                        ('type', models.SmallIntegerField(choices=[(1, 'track'), (2, 'page'), (3, 'screen'), (4, 'identify'), (5, 'group'), (6, 'alias')])),
                        ('at', models.DateTimeField()),
                        ('received_at', models.DateTimeField()),
                        ('name', models.TextField(null=True)),
                        ('user_id', models.TextField(null=True)),
                        ('anonymous_id', models.TextField(null=True)),
                        ('group_id', models.TextField(null=True)),
                        ('path', models.TextField(null=True)),
                        ('seconds', models.IntegerField(null=True)),
                        ('traits', models.JSONField(null=True)),
                        ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.source')),
                    ],
                ),
                migrations.CreateModel(
                    name='UserDay',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account', 'day', 'end_user_record', 'grain', 'origin', 'received_on', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('end_user_record', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('received_on', models.DateField()),
                        ('superseded_on', models.DateField(null=True)),
                        ('events', models.BigIntegerField()),
                        ('grain', models.SmallIntegerField(choices=[(1, 'day'), (7, 'week')])),
                        ('origin', models.SmallIntegerField(choices=[(0, 'counted'), (1, 'tracked')], default=0)),
                        ('receipt_assumed', models.BooleanField()),
                        ('logins', models.IntegerField(null=True)),
                        ('sessions', models.IntegerField(null=True)),
                        ('single_page_sessions', models.IntegerField(null=True)),
                        ('active_seconds', models.IntegerField(null=True)),
                        ('session_seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                        ('roles', models.BigIntegerField(null=True)),
                        ('session_pages', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                        ('session_landings', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                        ('session_roles', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.account')),
                    ],
                ),
            ],
        ),
    ]
