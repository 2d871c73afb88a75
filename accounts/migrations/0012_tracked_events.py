"""Events as client libraries send them, whom they are about, and the digests by which each counts once."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

TABLES = """
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
        ('accounts', '0011_days_by_origin'),
    ]

    operations = [
        migrations.CreateModel(
            name='EventMeaning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, unique=True)),
                ('roles', models.BigIntegerField(default=0)),
                ('login', models.BooleanField(default=False)),
                ('use', models.BooleanField(default=True)),
                ('ignored', models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name='account',
            name='visitors_of',
            field=models.OneToOneField(help_text='No customer: where the anonymous visitors of this source are kept.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='visitors', to='accounts.source'),
        ),
        migrations.AddField(
            model_name='source',
            name='accepted_traits',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Traits that become attributes, of the account or of the end user; with commas between.', size=None),
        ),
        migrations.AddField(
            model_name='source',
            name='account_trait',
            field=models.CharField(blank=True, help_text='The trait of a user that names the account, such as company_id.', max_length=80),
        ),
        migrations.AddField(
            model_name='source',
            name='accounts_of',
            field=models.ForeignKey(blank=True, help_text='The source whose account ids its events name. Blank: they are its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source'),
        ),
        migrations.AddField(
            model_name='source',
            name='internal_domains',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), blank=True, default=list, help_text='Whoever has an e-mail address of these domains is one of us and never counts; with commas between.', size=None),
        ),
        migrations.AddField(
            model_name='source',
            name='makes_accounts',
            field=models.BooleanField(default=False, help_text='A group event of a server key makes the account that it names, where there is none.'),
        ),
        migrations.RunSQL(
            TABLES,
            "drop table accounts_event; drop table accounts_seen",
            state_operations=[
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
            ],
        ),
        migrations.CreateModel(
            name='EventDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField()),
                ('received_on', models.DateField(help_text="The organization's day of receipt.")),
                ('browser', models.BooleanField(help_text='By a key that anybody can read, whose word makes and moves nobody.')),
                ('events', models.IntegerField()),
                ('repeated', models.IntegerField(help_text='Had come before.')),
                ('refused', models.IntegerField()),
                ('traits_dropped', models.IntegerField()),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.source')),
            ],
            options={
                'verbose_name_plural': 'event deliveries',
            },
        ),
        migrations.CreateModel(
            name='EventPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('anonymous', models.BooleanField()),
                ('external_id', models.CharField(db_collation='C', max_length=255)),
                ('follows_since', models.DateTimeField(null=True)),
                ('seen_until', models.DateTimeField(null=True)),
                ('waits', models.BooleanField(default=False, help_text='Some of its events wait for an account.')),
                ('session_of', models.BigIntegerField(null=True)),
                ('session_began', models.DateTimeField(null=True)),
                ('session_last', models.DateTimeField(null=True)),
                ('session_ends', models.DateTimeField(null=True)),
                ('session_stated', models.BooleanField(default=False)),
                ('session_pages', models.IntegerField(default=0)),
                ('follows', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='visitors', to='accounts.eventperson')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.source')),
            ],
            options={
                'verbose_name_plural': 'event people',
            },
        ),
        migrations.CreateModel(
            name='EventMembership',
            fields=[
                ('pk', models.CompositePrimaryKey('person', 'since', blank=True, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('group_id', models.CharField(max_length=255, null=True)),
                ('end_user_record', models.BigIntegerField(null=True)),
                ('counts_from', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.eventperson')),
            ],
        ),
        migrations.CreateModel(
            name='EventRole',
            fields=[
                ('bit', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=255, unique=True)),
            ],
            options={
                'ordering': ['bit'],
                'constraints': [models.CheckConstraint(condition=models.Q(('bit__gte', 0), ('bit__lt', 60)), name='event_roles_are_sixty_at_most')],
            },
        ),
        migrations.CreateModel(
            name='EventTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('events', models.BigIntegerField()),
                ('repeated', models.BigIntegerField()),
                ('refused', models.BigIntegerField()),
                ('traits_dropped', models.BigIntegerField()),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='event_tallies', to='accounts.source')),
            ],
            options={
                'verbose_name_plural': 'event tallies',
            },
        ),
        migrations.CreateModel(
            name='RefusedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField()),
                ('type', models.CharField(blank=True, max_length=20)),
                ('code', models.CharField(max_length=40)),
                ('message', models.TextField()),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refused_events', to='accounts.source')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddIndex(
            model_name='eventperson',
            index=models.Index(condition=models.Q(('waits', True)), fields=['source'], name='event_people_who_wait'),
        ),
        migrations.AddConstraint(
            model_name='eventperson',
            constraint=models.UniqueConstraint(fields=('source', 'anonymous', 'external_id'), name='one_event_person_per_id'),
        ),
        migrations.AddConstraint(
            model_name='eventtally',
            constraint=models.UniqueConstraint(fields=('source', 'day'), name='one_event_tally_per_source_and_day'),
        ),
    ]
