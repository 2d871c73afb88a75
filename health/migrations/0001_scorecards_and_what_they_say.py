import accounts.models.tokens
import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from accounts.at_once import AtOnce
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0003_what_every_installation_has'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [AtOnce([
        migrations.CreateModel(
            name='Latest',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='latest', serialize=False, to='accounts.account')),
                ('day', models.DateField()),
                ('version_id', models.BigIntegerField()),
                ('score', models.FloatField(null=True)),
                ('coverage', models.FloatField()),
                ('scored', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                ('computed', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                ('effective', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                ('score_7', models.FloatField(help_text='The score seven days before.', null=True)),
                ('score_30', models.FloatField(help_text='The score thirty days before.', null=True)),
                ('churned', models.BooleanField(default=False)),
                ('preview_at', models.DateTimeField(null=True)),
                ('preview_score', models.FloatField(null=True)),
                ('preview_coverage', models.FloatField(null=True)),
                ('preview_band', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')], null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ListRow',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='list_row', serialize=False, to='accounts.account')),
                ('until', models.DateField(db_index=True, help_text='The first day on which it says nothing any more.')),
                ('override_band', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')], null=True)),
                ('renewal_on', models.DateField(null=True)),
                ('touched_at', models.DateTimeField(null=True)),
                ('seats', models.BigIntegerField(null=True)),
                ('arr', models.DecimalField(decimal_places=16, max_digits=40, null=True)),
                ('arr_converted', models.DecimalField(decimal_places=16, max_digits=40, null=True)),
                ('unrated', models.IntegerField(null=True)),
                ('currencies', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Scorecard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=60, unique=True)),
                ('label', models.CharField(max_length=120)),
            ],
            options={
                'ordering': ['label'],
            },
        ),
        migrations.CreateModel(
            name='ScorecardEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.SlugField(db_index=False, max_length=60)),
                ('label', models.CharField(max_length=120)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.scorecard')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ScorecardVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', editable=False, max_length=10)),
                ('note', models.TextField(blank=True, editable=False)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
                ('green', models.DecimalField(decimal_places=1, default=70, help_text='Green from this score. One decimal at most.', max_digits=4)),
                ('yellow', models.DecimalField(decimal_places=1, default=40, help_text='Yellow from this score.', max_digits=4)),
                ('margin', models.DecimalField(decimal_places=1, default=2, help_text='How far past an edge the score has to move for the band to change.', max_digits=4)),
                ('min_coverage', models.DecimalField(decimal_places=4, default=0.5, help_text='With a smaller share of the weight freshly read, the band is unknown. 0.5 is half.', max_digits=5, verbose_name='least coverage')),
                ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='health.scorecardversion')),
                ('scorecard', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='health.scorecard')),
            ],
            options={
                'verbose_name': 'scorecard version',
                'ordering': ['scorecard__label', '-number'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('retired_at__isnull', True), ('state', 'draft')), models.Q(('published_at__isnull', False), ('retired_at__isnull', True), ('state', 'published')), models.Q(('published_at__isnull', False), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='scorecardversion_state_has_its_moments'), models.UniqueConstraint(fields=('scorecard', 'number'), name='one_scorecard_version_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('scorecard',), name='one_draft_per_scorecard'), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('scorecard',), name='one_published_version_per_scorecard'), models.CheckConstraint(condition=models.Q(('min_coverage__gte', 0), ('min_coverage__lte', 1)), name='least_coverage_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40)),
                ('label', models.CharField(max_length=80)),
                ('weight', models.FloatField(default=0, help_text='0: shown, not scored.')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='health.scorecardversion')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='one_group_per_key'), models.CheckConstraint(condition=models.Q(('weight__gte', 0)), name='group_weight_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Guard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=120)),
                ('window', models.PositiveSmallIntegerField(blank=True, help_text='Days. Blank: the usual one of the metric.', null=True)),
                ('min_n', models.PositiveIntegerField(blank=True, help_text='Blank: the usual one of the metric.', null=True, verbose_name='least n')),
                ('max_age_days', models.PositiveSmallIntegerField(blank=True, help_text='Blank: no opinion is too old.', null=True, verbose_name='oldest, days')),
                ('slot', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('comparison', models.CharField(choices=[('<', '<'), ('<=', '≤'), ('=', '='), ('>=', '≥'), ('>', '>'), ('is missing', 'is missing')], default='>', max_length=10)),
                ('value', models.FloatField(blank=True, null=True)),
                ('release', models.FloatField(blank=True, help_text='Blank: at the value itself.', null=True, verbose_name='lets go at')),
                ('cap', models.PositiveSmallIntegerField(choices=[(1, 'at most red'), (2, 'at most yellow')], default=2, verbose_name='the band is')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guards', to='health.scorecardversion')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('comparison', 'is missing'), ('release__isnull', True), ('value__isnull', True)), models.Q(models.Q(('comparison', 'is missing'), _negated=True), ('value__isnull', False)), _connector='OR'), name='a_guard_compares_with_a_value'), models.CheckConstraint(condition=models.Q(('release__isnull', True), models.Q(('comparison__in', ['<', '<=']), ('release__gte', models.F('value'))), models.Q(('comparison__in', ['>', '>=']), ('release__lte', models.F('value'))), _connector='OR'), name='a_guard_lets_go_on_the_far_side')],
            },
        ),
        migrations.CreateModel(
            name='ScorecardVersionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', editable=False, max_length=10)),
                ('note', models.TextField(blank=True, editable=False)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
                ('green', models.DecimalField(decimal_places=1, default=70, help_text='Green from this score. One decimal at most.', max_digits=4)),
                ('yellow', models.DecimalField(decimal_places=1, default=40, help_text='Yellow from this score.', max_digits=4)),
                ('margin', models.DecimalField(decimal_places=1, default=2, help_text='How far past an edge the score has to move for the band to change.', max_digits=4)),
                ('min_coverage', models.DecimalField(decimal_places=4, default=0.5, help_text='With a smaller share of the weight freshly read, the band is unknown. 0.5 is half.', max_digits=5, verbose_name='least coverage')),
                ('author', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.scorecardversion')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.scorecardversion')),
                ('scorecard', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.scorecard')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Settings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', editable=False, max_length=10)),
                ('note', models.TextField(blank=True, editable=False)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
                ('document', models.JSONField(default=dict)),
                ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='health.settings')),
            ],
            options={
                'verbose_name': 'settings',
                'verbose_name_plural': 'settings',
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('retired_at__isnull', True), ('state', 'draft')), models.Q(('published_at__isnull', False), ('retired_at__isnull', True), ('state', 'published')), models.Q(('published_at__isnull', False), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='settings_state_has_its_moments'), models.UniqueConstraint(fields=('number',), name='one_settings_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('state',), name='one_draft_of_the_settings'), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('state',), name='one_published_settings')],
            },
        ),
        migrations.CreateModel(
            name='SettingsEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', editable=False, max_length=10)),
                ('note', models.TextField(blank=True, editable=False)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
                ('document', models.JSONField(default=dict)),
                ('author', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.settings')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.settings')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Spread',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'version_id', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('version_id', models.BigIntegerField()),
                ('slot', models.SmallIntegerField()),
                ('accounts', models.IntegerField(help_text='How many have a reading.')),
                ('percentiles', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=101)),
            ],
        ),
        migrations.CreateModel(
            name='Transition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('kind', models.CharField(choices=[('band', 'Band'), ('override_began', 'Override began'), ('override_ended', 'Override ended')], max_length=16)),
                ('before', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                ('after', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='accounts.account')),
            ],
            options={
                'ordering': ['-day', 'account_id'],
                'constraints': [models.UniqueConstraint(fields=('account', 'day', 'kind'), name='one_transition_per_account_day_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='AuditedUser',
            fields=[
            ],
            options={
                'verbose_name': 'user',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.user',),
        ),
        migrations.CreateModel(
            name='AuditedToken',
            fields=[
            ],
            options={
                'verbose_name': 'token',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.token',),
        ),
        migrations.CreateModel(
            name='AuditedTeam',
            fields=[
            ],
            options={
                'verbose_name': 'team',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.team',),
        ),
        migrations.CreateModel(
            name='AuditedSource',
            fields=[
            ],
            options={
                'verbose_name': 'source',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.source',),
        ),
        migrations.CreateModel(
            name='AuditedMerge',
            fields=[
            ],
            options={
                'verbose_name': 'merge',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.merge',),
        ),
        migrations.CreateModel(
            name='AuditedAttribute',
            fields=[
            ],
            options={
                'verbose_name': 'attribute',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.attributedefinition',),
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit log',
                'proxy': True,
                'default_manager_name': 'no_objects',
                'indexes': [],
                'constraints': [],
            },
            bases=('pghistory.events',),
            managers=[
                ('no_objects', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('band_changed', 'Band changed'), ('guard_holds', 'Guard holds'), ('moved_under_override', 'Moved under your override'), ('override_ends', 'Override ends'), ('source_silent', 'Source is silent')], max_length=24)),
                ('cause', models.CharField(blank=True, max_length=200)),
                ('says', models.CharField(max_length=500)),
                ('day', models.DateField(help_text='The day whose judgment, or whose silence, raised it.')),
                ('raised_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='accounts.account')),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stream', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='accounts.stream')),
            ],
            options={
                'ordering': ['-raised_at', '-id'],
                'indexes': [models.Index(fields=['account', 'raised_at'], name='alerts_of_account')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('kind', 'account', 'stream', 'cause'), name='one_alert_per_cause', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('account__isnull', True), ('stream__isnull', True), _connector='XOR'), name='an_alert_is_about_an_account_or_a_stream'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('raised_at')), _connector='OR'), name='an_alert_ends_after_it_began')],
            },
        ),
        migrations.CreateModel(
            name='AuditedAttributeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('label', models.CharField(blank=True, max_length=120)),
                ('type', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('yes_no', 'Yes or no'), ('date', 'Date'), ('ranked', 'Ranked choice'), ('user', 'User of Verdant'), ('account', 'Account')], default='text', max_length=10)),
                ('unit', models.CharField(blank=True, max_length=30)),
                ('ranks', models.JSONField(blank=True, default=list, help_text='The values of a ranked choice, lowest first.')),
                ('personal', models.BooleanField(default=False, help_text='Holds personal data.')),
                ('accepted', models.BooleanField(default=False, help_text='Shown in lists and filters.')),
                ('master', models.ForeignKey(blank=True, db_constraint=False, help_text='The one source whose values apply. Blank: for each account the source that set it first.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.source')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.auditedattribute')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AuditedMergeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('loser', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('survivor', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('undone_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.auditedmerge')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AuditedSourceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.SlugField(db_index=False, max_length=60)),
                ('label', models.CharField(blank=True, max_length=120)),
                ('time_zone', models.CharField(blank=True, help_text='The zone of times that come without one. Blank: such times are rejected.', max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account_trait', models.CharField(blank=True, help_text='The trait of a user that names the account, such as company_id.', max_length=80)),
                ('makes_accounts', models.BooleanField(default=False, help_text='A group event of a server key makes the account that it names, where there is none.')),
                ('accepted_traits', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Traits that become attributes, of the account or of the end user; with commas between.', size=None)),
                ('internal_domains', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), blank=True, default=list, help_text='Whoever has an e-mail address of these domains is one of us and never counts; with commas between.', size=None)),
                ('accounts_of', models.ForeignKey(blank=True, db_constraint=False, help_text='The source whose account ids its events name. Blank: they are its own.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.source')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.auditedsource')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AuditedTeamEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.auditedteam')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AuditedTokenEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('server', 'Server: secret'), ('browser', 'Browser: public, tracking only')], default='server', max_length=10)),
                ('prefix', models.CharField(editable=False, max_length=12)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('crm:write', 'Write accounts, contracts and relationships'), ('usage:write', 'Write usage, end users and events'), ('surveys:write', 'Write surveys and answers'), ('support:write', 'Write tickets'), ('history:write', 'Write history with an assumed receipt'), ('health:read', 'Read records and scores'), ('config:read', 'Read metrics and scorecards'), ('config:write', 'Write scorecards')], max_length=20), default=list, size=None)),
                ('whole_portfolio', models.BooleanField(default=False, help_text='It sees all accounts, whoever it acts for.')),
                ('allowed_origins', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), blank=True, default=list, help_text='Of a browser key: from which pages it may send, such as https://app.example.com; with commas between.', size=None, validators=[accounts.models.tokens.check_origins])),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, help_text='Blank: it holds until it is revoked.', null=True)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, help_text='What it sends belongs to this source. Blank: it sends nothing.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.source')),
                ('user', models.ForeignKey(blank=True, db_constraint=False, help_text='Whom it acts for: it sees the accounts that they see.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.auditedtoken')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AuditedUserEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('role', models.CharField(choices=[('csm', 'CSM'), ('manager', 'Manager'), ('admin', 'Admin')], default='csm', max_length=10)),
                ('sees', models.CharField(blank=True, choices=[('own', 'Own accounts'), ('team', 'Accounts of the team'), ('all', 'All accounts')], default='', help_text='Blank: a CSM sees their own accounts, a manager all. An admin always sees all.', max_length=4)),
                ('is_active', models.BooleanField(default=True)),
                ('date_joined', models.DateTimeField(auto_now_add=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.team')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.auditeduser')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='GroupEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key', models.SlugField(db_index=False, max_length=40)),
                ('label', models.CharField(max_length=80)),
                ('weight', models.FloatField(default=0, help_text='0: shown, not scored.')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.group')),
                ('version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.scorecardversion')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='GuardEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('metric', models.CharField(max_length=120)),
                ('window', models.PositiveSmallIntegerField(blank=True, help_text='Days. Blank: the usual one of the metric.', null=True)),
                ('min_n', models.PositiveIntegerField(blank=True, help_text='Blank: the usual one of the metric.', null=True, verbose_name='least n')),
                ('max_age_days', models.PositiveSmallIntegerField(blank=True, help_text='Blank: no opinion is too old.', null=True, verbose_name='oldest, days')),
                ('slot', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('comparison', models.CharField(choices=[('<', '<'), ('<=', '≤'), ('=', '='), ('>=', '≥'), ('>', '>'), ('is missing', 'is missing')], default='>', max_length=10)),
                ('value', models.FloatField(blank=True, null=True)),
                ('release', models.FloatField(blank=True, help_text='Blank: at the value itself.', null=True, verbose_name='lets go at')),
                ('cap', models.PositiveSmallIntegerField(choices=[(1, 'at most red'), (2, 'at most yellow')], default=2, verbose_name='the band is')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.guard')),
                ('version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.scorecardversion')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LineUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', editable=False, max_length=10)),
                ('note', models.TextField(blank=True, editable=False)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
                ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='health.lineup')),
            ],
            options={
                'verbose_name': 'line-up',
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('retired_at__isnull', True), ('state', 'draft')), models.Q(('published_at__isnull', False), ('retired_at__isnull', True), ('state', 'published')), models.Q(('published_at__isnull', False), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='lineup_state_has_its_moments'), models.UniqueConstraint(fields=('number',), name='one_line_up_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('state',), name='one_draft_of_the_line_up'), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('state',), name='one_published_line_up')],
            },
        ),
        migrations.CreateModel(
            name='LineUpEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('segment', models.CharField(blank=True, help_text='As in: tier in enterprise, strategic and tenure >= 90. Blank: everybody.', max_length=500)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('line_up', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='health.lineup')),
                ('scorecard', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='health.scorecard')),
            ],
            options={
                'verbose_name': 'scorecard of the line-up',
                'verbose_name_plural': 'scorecards of the line-up',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='LineUpEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', editable=False, max_length=10)),
                ('note', models.TextField(blank=True, editable=False)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
                ('author', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.lineup')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.lineup')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Measure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=120)),
                ('window', models.PositiveSmallIntegerField(blank=True, help_text='Days. Blank: the usual one of the metric.', null=True)),
                ('min_n', models.PositiveIntegerField(blank=True, help_text='Blank: the usual one of the metric.', null=True, verbose_name='least n')),
                ('max_age_days', models.PositiveSmallIntegerField(blank=True, help_text='Blank: no opinion is too old.', null=True, verbose_name='oldest, days')),
                ('slot', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('weight', models.FloatField(default=1, help_text='Within its group. 0: shown, not scored.')),
                ('scale', models.CharField(help_text='value:points, as in 0:0, 40:40, 70:70, 100:100.', max_length=255)),
                ('missing', models.CharField(choices=[('ignore', 'Others take its weight'), ('count', 'Silence counts as points'), ('require', 'Band is unknown')], default='ignore', max_length=10, verbose_name='without a reading')),
                ('points_when_missing', models.FloatField(blank=True, null=True, verbose_name='points of silence')),
                ('min_days', models.PositiveSmallIntegerField(blank=True, help_text='Blank: as the settings say.', null=True, verbose_name='youngest, days')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='measures', to='health.group')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measures', to='health.scorecardversion')),
            ],
            options={
                'ordering': ['group__position', 'group', 'position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('weight__gte', 0)), name='measure_weight_is_not_negative'), models.CheckConstraint(condition=models.Q(('points_when_missing__isnull', True), ('points_when_missing__range', (0, 100)), _connector='OR'), name='points_of_silence_are_points')],
            },
        ),
        migrations.CreateModel(
            name='MeasureEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('metric', models.CharField(max_length=120)),
                ('window', models.PositiveSmallIntegerField(blank=True, help_text='Days. Blank: the usual one of the metric.', null=True)),
                ('min_n', models.PositiveIntegerField(blank=True, help_text='Blank: the usual one of the metric.', null=True, verbose_name='least n')),
                ('max_age_days', models.PositiveSmallIntegerField(blank=True, help_text='Blank: no opinion is too old.', null=True, verbose_name='oldest, days')),
                ('slot', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('weight', models.FloatField(default=1, help_text='Within its group. 0: shown, not scored.')),
                ('scale', models.CharField(help_text='value:points, as in 0:0, 40:40, 70:70, 100:100.', max_length=255)),
                ('missing', models.CharField(choices=[('ignore', 'Others take its weight'), ('count', 'Silence counts as points'), ('require', 'Band is unknown')], default='ignore', max_length=10, verbose_name='without a reading')),
                ('points_when_missing', models.FloatField(blank=True, null=True, verbose_name='points of silence')),
                ('min_days', models.PositiveSmallIntegerField(blank=True, help_text='Blank: as the settings say.', null=True, verbose_name='youngest, days')),
                ('group', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.group')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.measure')),
                ('version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.scorecardversion')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('band', models.SmallIntegerField(choices=[(0, 'Unknown'), (1, 'Red'), (2, 'Yellow'), (3, 'Green')])),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField()),
                ('last_day', models.DateField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='accounts.account')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-set_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('account',), name='one_active_override_per_account'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='an_override_has_a_reason'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('set_at')), _connector='OR'), name='an_override_ends_after_it_was_set')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('which', models.SmallIntegerField(choices=[(1, 'Provisional'), (2, 'Settled')], db_column='pass')),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('stopped', 'Stopped')], default='running', max_length=10)),
                ('known_at', models.DateTimeField()),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('accounts', models.IntegerField(default=0, help_text='Accounts scored so far.')),
                ('seconds', models.FloatField(default=0, help_text='Working time of all workers.')),
                ('metrics', models.JSONField(default=dict, help_text='Seconds, rows, and accounts that failed, by what was read.')),
                ('error', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-day', '-which'],
                'constraints': [models.UniqueConstraint(fields=('day', 'which'), name='one_run_per_day_and_pass')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(blank=True, help_text="The address's query, without page and view.", max_length=2000)),
                ('shared', models.BooleanField(default=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='one_saved_view_per_owner_and_name'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='a_saved_view_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='LineUpEntryEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('segment', models.CharField(blank=True, help_text='As in: tier in enterprise, strategic and tenure >= 90. Blank: everybody.', max_length=500)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('line_up', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.lineup')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='health.lineupentry')),
                ('scorecard', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='health.scorecard')),
            ],
            options={
                'abstract': False,
            },
        ),
    ]),
        # Within `create table` Django would forget that it is deferred.
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('version', 'metric', 'window'), name='one_measure_per_metric_and_window', nulls_distinct=False),
        ),
    AtOnce([
        pgtrigger.migrations.AddTrigger(
            model_name='scorecard',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_scorecardevent" ("id", "label", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."label", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d99ee020939a600cbc1ebb85062b963dd2d095de', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_141cc', referencing='REFERENCING NEW TABLE AS new_values ', table='health_scorecard', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecard',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_scorecardevent" ("id", "label", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."label", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a6e0a602aa9272f42550a8b696595c92044a21ab', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_5e9ba', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_scorecard', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecard',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_scorecardevent" ("id", "label", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."label", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bf495e51c05bfd90e7fa66885a3f88cf854ce410', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_1b173', referencing='REFERENCING OLD TABLE AS old_values ', table='health_scorecard', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditeduser',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditeduserevent" ("date_joined", "email", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "sees", "team_id") SELECT new_values."date_joined", new_values."email", new_values."id", new_values."is_active", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."role", new_values."sees", new_values."team_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1239cc1ee6db16ff572608740aead5410995f5ef', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_7a800', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditeduser',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditeduserevent" ("date_joined", "email", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "sees", "team_id") SELECT new_values."date_joined", new_values."email", new_values."id", new_values."is_active", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."role", new_values."sees", new_values."team_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."date_joined" IS DISTINCT FROM (new_values."date_joined") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."role" IS DISTINCT FROM (new_values."role") OR old_values."sees" IS DISTINCT FROM (new_values."sees") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1f3bdfdbc0545af3a87cb25d9718831c176389ac', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_55eb1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditeduser',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditeduserevent" ("date_joined", "email", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "sees", "team_id") SELECT old_values."date_joined", old_values."email", old_values."id", old_values."is_active", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."role", old_values."sees", old_values."team_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ed6e9435335b0f4667edc4be01f0c101619700ab', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_549a9', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedtoken',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedtokenevent" ("allowed_origins", "created_at", "expires_at", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes", "source_id", "user_id", "whole_portfolio") SELECT new_values."allowed_origins", new_values."created_at", new_values."expires_at", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."prefix", new_values."revoked_at", new_values."scopes", new_values."source_id", new_values."user_id", new_values."whole_portfolio" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='82905802f29b1dfb27dfd8f775c3f61d628229e4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_049e6', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_token', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedtoken',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedtokenevent" ("allowed_origins", "created_at", "expires_at", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes", "source_id", "user_id", "whole_portfolio") SELECT new_values."allowed_origins", new_values."created_at", new_values."expires_at", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."prefix", new_values."revoked_at", new_values."scopes", new_values."source_id", new_values."user_id", new_values."whole_portfolio" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."allowed_origins" IS DISTINCT FROM (new_values."allowed_origins") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."expires_at" IS DISTINCT FROM (new_values."expires_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."prefix" IS DISTINCT FROM (new_values."prefix") OR old_values."revoked_at" IS DISTINCT FROM (new_values."revoked_at") OR old_values."scopes" IS DISTINCT FROM (new_values."scopes") OR old_values."source_id" IS DISTINCT FROM (new_values."source_id") OR old_values."user_id" IS DISTINCT FROM (new_values."user_id") OR old_values."whole_portfolio" IS DISTINCT FROM (new_values."whole_portfolio")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='082a81780de61a9f7c6860cad48d6d370f7b0a11', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3e8fb', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_token', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedtoken',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedtokenevent" ("allowed_origins", "created_at", "expires_at", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes", "source_id", "user_id", "whole_portfolio") SELECT old_values."allowed_origins", old_values."created_at", old_values."expires_at", old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."prefix", old_values."revoked_at", old_values."scopes", old_values."source_id", old_values."user_id", old_values."whole_portfolio" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='607c15d5a52d6ab81433550dba3aa58259b785ec', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2443d', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_token', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedteam',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedteamevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2d20a3ba07f344ee30f9117e41e86a9938024cd9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b3d60', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedteam',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedteamevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b849e86671bb18a7f9926e55a5d26971d91aea9a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1703d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedteam',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedteamevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9a80aeb3284985999c8adc05f3b94eb8da7918b5', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c4002', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedsource',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedsourceevent" ("accepted_traits", "account_trait", "accounts_of_id", "created_at", "id", "internal_domains", "label", "makes_accounts", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone") SELECT new_values."accepted_traits", new_values."account_trait", new_values."accounts_of_id", new_values."created_at", new_values."id", new_values."internal_domains", new_values."label", new_values."makes_accounts", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."time_zone" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fe76c5d3243f0ce3ee46081c529e7c007843e457', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0f411', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedsource',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedsourceevent" ("accepted_traits", "account_trait", "accounts_of_id", "created_at", "id", "internal_domains", "label", "makes_accounts", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone") SELECT new_values."accepted_traits", new_values."account_trait", new_values."accounts_of_id", new_values."created_at", new_values."id", new_values."internal_domains", new_values."label", new_values."makes_accounts", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."time_zone" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='31fc52eb3dfe6521cd38f9175c13e4fb2227e117', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d7a43', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedsource',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedsourceevent" ("accepted_traits", "account_trait", "accounts_of_id", "created_at", "id", "internal_domains", "label", "makes_accounts", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone") SELECT old_values."accepted_traits", old_values."account_trait", old_values."accounts_of_id", old_values."created_at", old_values."id", old_values."internal_domains", old_values."label", old_values."makes_accounts", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."time_zone" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d3c271c7478ae44e8bf50bbf256cc1f1a97016ed', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b6c88', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedmerge',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedmergeevent" ("at", "by_id", "id", "loser_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "survivor_id", "undone_at", "undone_by_id") SELECT new_values."at", new_values."by_id", new_values."id", new_values."loser_id", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."survivor_id", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='56c51649bb40c96b4ef41822305706f0632a56bb', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1d4a8', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_merge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedmerge',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedmergeevent" ("at", "by_id", "id", "loser_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "survivor_id", "undone_at", "undone_by_id") SELECT new_values."at", new_values."by_id", new_values."id", new_values."loser_id", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."survivor_id", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."at" IS DISTINCT FROM (new_values."at") OR old_values."by_id" IS DISTINCT FROM (new_values."by_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."loser_id" IS DISTINCT FROM (new_values."loser_id") OR old_values."survivor_id" IS DISTINCT FROM (new_values."survivor_id") OR old_values."undone_at" IS DISTINCT FROM (new_values."undone_at") OR old_values."undone_by_id" IS DISTINCT FROM (new_values."undone_by_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cf7ffde920aef7d2e7e0ac4fbc193ceae650e1c5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d973b', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_merge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedmerge',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedmergeevent" ("at", "by_id", "id", "loser_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "survivor_id", "undone_at", "undone_by_id") SELECT old_values."at", old_values."by_id", old_values."id", old_values."loser_id", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."survivor_id", old_values."undone_at", old_values."undone_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a73dbe2bead4e879ecda8f4a3c987265cb562015', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_326ee', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_merge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedattribute',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedattributeevent" ("accepted", "id", "label", "master_id", "name", "personal", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ranks", "type", "unit") SELECT new_values."accepted", new_values."id", new_values."label", new_values."master_id", new_values."name", new_values."personal", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."ranks", new_values."type", new_values."unit" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='48f4fac21629d3e1361984ea2793956cd2faa3e3', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_32f69', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_attributedefinition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedattribute',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedattributeevent" ("accepted", "id", "label", "master_id", "name", "personal", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ranks", "type", "unit") SELECT new_values."accepted", new_values."id", new_values."label", new_values."master_id", new_values."name", new_values."personal", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."ranks", new_values."type", new_values."unit" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='383424631b2b9304c9c005fa3902ea8a80fc9357', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9757f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_attributedefinition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedattribute',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_auditedattributeevent" ("accepted", "id", "label", "master_id", "name", "personal", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ranks", "type", "unit") SELECT old_values."accepted", old_values."id", old_values."label", old_values."master_id", old_values."name", old_values."personal", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."ranks", old_values."type", old_values."unit" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='648547ee544f3f6c8aa3f7d76e294a66012924a0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b9123', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_attributedefinition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineup',
            trigger=pgtrigger.compiler.Trigger(name='never_changes_once_published', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    if old.state = 'draft' then\n        if tg_op = 'DELETE' then\n            return old;\n        end if;\n        return new;\n    end if;\n    if tg_op = 'UPDATE' and old.state = 'published' and new.state = 'retired'\n        and to_jsonb(new) - array['state', 'retired_at'] = to_jsonb(old) - array['state', 'retired_at'] then\n        return new;\n    end if;\n    raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n", hash='613472f2b7279123e32d3e4a47ec1640c541fe92', operation='UPDATE OR DELETE', pgid='pgtrigger_never_changes_once_published_fb103', table='health_lineup', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineup',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_lineupevent" ("author_id", "based_on_id", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "state") SELECT new_values."author_id", new_values."based_on_id", new_values."id", new_values."note", new_values."number", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."published_at", new_values."retired_at", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ae9dfeceec5d5bcb16b1c58555987eb7fbf6af95', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_35780', referencing='REFERENCING NEW TABLE AS new_values ', table='health_lineup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineup',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_lineupevent" ("author_id", "based_on_id", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "state") SELECT new_values."author_id", new_values."based_on_id", new_values."id", new_values."note", new_values."number", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."published_at", new_values."retired_at", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='75e8796874a56be54bb4c865e85163b7b83cce7e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0d815', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_lineup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineup',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_lineupevent" ("author_id", "based_on_id", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "state") SELECT old_values."author_id", old_values."based_on_id", old_values."id", old_values."note", old_values."number", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."published_at", old_values."retired_at", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='df74d6204dca8d8b93fa38562bed00d2edea9ca1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7a3fe', referencing='REFERENCING OLD TABLE AS old_values ', table='health_lineup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineupevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e8617e7f7bde15b7dcc432cc982f869c6fa64bed', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4a7e4', table='health_lineupevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineupentryevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bb69df5a84ded67f1b529211982d52423d9168de', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_16380', table='health_lineupentryevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineupentry',
            trigger=pgtrigger.compiler.Trigger(name='only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE found text;', func="\n    select state into found from health_lineup\n    where id = case when tg_op = 'DELETE' then old.line_up_id else new.line_up_id end for share;\n    if found <> 'draft' or (tg_op = 'UPDATE' and old.line_up_id <> new.line_up_id) then\n        raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n    end if;\n    if tg_op = 'DELETE' then\n        return old;\n    end if;\n    return new;\n", hash='7071abab661e6a2c008fba7cb00a45089bdbf292', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_only_in_a_draft_5506d', table='health_lineupentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineupentry',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_lineupentryevent" ("id", "line_up_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "scorecard_id", "segment") SELECT new_values."id", new_values."line_up_id", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."position", new_values."scorecard_id", new_values."segment" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e224dc303306be55870bbf5e535ff90b27a4bc1e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_98a83', referencing='REFERENCING NEW TABLE AS new_values ', table='health_lineupentry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineupentry',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_lineupentryevent" ("id", "line_up_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "scorecard_id", "segment") SELECT new_values."id", new_values."line_up_id", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."position", new_values."scorecard_id", new_values."segment" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c6b81db76718145f633947df34716bc17d812124', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_591a6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_lineupentry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lineupentry',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_lineupentryevent" ("id", "line_up_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "scorecard_id", "segment") SELECT old_values."id", old_values."line_up_id", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."position", old_values."scorecard_id", old_values."segment" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='71e7f297cb16f66d9a476d5a02d17607f3b465b6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c3ba4', referencing='REFERENCING OLD TABLE AS old_values ', table='health_lineupentry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecardevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fbd1c811481a0ddce9dc3e76b914a3e2c8bc4275', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d9023', table='health_scorecardevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecardversion',
            trigger=pgtrigger.compiler.Trigger(name='never_changes_once_published', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    if old.state = 'draft' then\n        if tg_op = 'DELETE' then\n            return old;\n        end if;\n        return new;\n    end if;\n    if tg_op = 'UPDATE' and old.state = 'published' and new.state = 'retired'\n        and to_jsonb(new) - array['state', 'retired_at'] = to_jsonb(old) - array['state', 'retired_at'] then\n        return new;\n    end if;\n    raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n", hash='6002ebaea844d30bafa6d4f3d8d2adba0cebcbae', operation='UPDATE OR DELETE', pgid='pgtrigger_never_changes_once_published_c2456', table='health_scorecardversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecardversion',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_scorecardversionevent" ("author_id", "based_on_id", "green", "id", "margin", "min_coverage", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "scorecard_id", "state", "yellow") SELECT new_values."author_id", new_values."based_on_id", new_values."green", new_values."id", new_values."margin", new_values."min_coverage", new_values."note", new_values."number", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."published_at", new_values."retired_at", new_values."scorecard_id", new_values."state", new_values."yellow" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1ced583c7b30cc194697e9f52bbd2203ea6a851f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_25bc4', referencing='REFERENCING NEW TABLE AS new_values ', table='health_scorecardversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecardversion',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_scorecardversionevent" ("author_id", "based_on_id", "green", "id", "margin", "min_coverage", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "scorecard_id", "state", "yellow") SELECT new_values."author_id", new_values."based_on_id", new_values."green", new_values."id", new_values."margin", new_values."min_coverage", new_values."note", new_values."number", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."published_at", new_values."retired_at", new_values."scorecard_id", new_values."state", new_values."yellow" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c72c310aa44dd30b258a2f0176c7fcf27ab52718', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d3be3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_scorecardversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecardversion',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_scorecardversionevent" ("author_id", "based_on_id", "green", "id", "margin", "min_coverage", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "scorecard_id", "state", "yellow") SELECT old_values."author_id", old_values."based_on_id", old_values."green", old_values."id", old_values."margin", old_values."min_coverage", old_values."note", old_values."number", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."published_at", old_values."retired_at", old_values."scorecard_id", old_values."state", old_values."yellow" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='10eb7f06c16bb7eac9f9f49022eda26a0b21fa04', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_9547d', referencing='REFERENCING OLD TABLE AS old_values ', table='health_scorecardversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measureevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='06bf557657dbcc0ba161c34f38c70d50aeee5e9e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1742d', table='health_measureevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measure',
            trigger=pgtrigger.compiler.Trigger(name='only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE found text;', func="\n    select state into found from health_scorecardversion\n    where id = case when tg_op = 'DELETE' then old.version_id else new.version_id end for share;\n    if found <> 'draft' or (tg_op = 'UPDATE' and old.version_id <> new.version_id) then\n        raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n    end if;\n    if tg_op = 'DELETE' then\n        return old;\n    end if;\n    return new;\n", hash='2454583c52042d6fb3f0a99f3b5444202e7ea44e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_only_in_a_draft_2a354', table='health_measure', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measure',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_measureevent" ("group_id", "id", "max_age_days", "metric", "min_days", "min_n", "missing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points_when_missing", "position", "scale", "slot", "version_id", "weight", "window") SELECT new_values."group_id", new_values."id", new_values."max_age_days", new_values."metric", new_values."min_days", new_values."min_n", new_values."missing", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."points_when_missing", new_values."position", new_values."scale", new_values."slot", new_values."version_id", new_values."weight", new_values."window" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fafbf5af5cf68f4c6ffbba8c633c829cfe03dc95', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d92e4', referencing='REFERENCING NEW TABLE AS new_values ', table='health_measure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measure',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_measureevent" ("group_id", "id", "max_age_days", "metric", "min_days", "min_n", "missing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points_when_missing", "position", "scale", "slot", "version_id", "weight", "window") SELECT new_values."group_id", new_values."id", new_values."max_age_days", new_values."metric", new_values."min_days", new_values."min_n", new_values."missing", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."points_when_missing", new_values."position", new_values."scale", new_values."slot", new_values."version_id", new_values."weight", new_values."window" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6b997f1b5c768a57df40a7b1fb0e8b364fef2d97', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7d5df', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_measure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measure',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_measureevent" ("group_id", "id", "max_age_days", "metric", "min_days", "min_n", "missing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points_when_missing", "position", "scale", "slot", "version_id", "weight", "window") SELECT old_values."group_id", old_values."id", old_values."max_age_days", old_values."metric", old_values."min_days", old_values."min_n", old_values."missing", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."points_when_missing", old_values."position", old_values."scale", old_values."slot", old_values."version_id", old_values."weight", old_values."window" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f0f18427e99c2ae07d798e45e54561b1a6653b6f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_29609', referencing='REFERENCING OLD TABLE AS old_values ', table='health_measure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='53e4cff5174874204dc9a259a6e82ac7a6f91d3b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c2b01', table='health_guardevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guard',
            trigger=pgtrigger.compiler.Trigger(name='only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE found text;', func="\n    select state into found from health_scorecardversion\n    where id = case when tg_op = 'DELETE' then old.version_id else new.version_id end for share;\n    if found <> 'draft' or (tg_op = 'UPDATE' and old.version_id <> new.version_id) then\n        raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n    end if;\n    if tg_op = 'DELETE' then\n        return old;\n    end if;\n    return new;\n", hash='7baa2bc0b0f8935a2c99783fae54d9b238b6c1eb', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_only_in_a_draft_834f9', table='health_guard', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guard',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_guardevent" ("cap", "comparison", "id", "max_age_days", "metric", "min_n", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "release", "slot", "value", "version_id", "window") SELECT new_values."cap", new_values."comparison", new_values."id", new_values."max_age_days", new_values."metric", new_values."min_n", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."position", new_values."release", new_values."slot", new_values."value", new_values."version_id", new_values."window" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7dada8d30168ba344b7e92a1025dc6a75582991a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_aa4b2', referencing='REFERENCING NEW TABLE AS new_values ', table='health_guard', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guard',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_guardevent" ("cap", "comparison", "id", "max_age_days", "metric", "min_n", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "release", "slot", "value", "version_id", "window") SELECT new_values."cap", new_values."comparison", new_values."id", new_values."max_age_days", new_values."metric", new_values."min_n", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."position", new_values."release", new_values."slot", new_values."value", new_values."version_id", new_values."window" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7b4f4c694c797aa23c6c5b44e56fb649fd3860c3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_70f1d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_guard', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guard',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_guardevent" ("cap", "comparison", "id", "max_age_days", "metric", "min_n", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "release", "slot", "value", "version_id", "window") SELECT old_values."cap", old_values."comparison", old_values."id", old_values."max_age_days", old_values."metric", old_values."min_n", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."position", old_values."release", old_values."slot", old_values."value", old_values."version_id", old_values."window" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b6870c3f64764e1cb2e9f5be5471b3d93af083b7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ff23d', referencing='REFERENCING OLD TABLE AS old_values ', table='health_guard', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c3b125868c0450b9fe5aef64286c8c0822ebdcd7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f3978', table='health_groupevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='group',
            trigger=pgtrigger.compiler.Trigger(name='only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE found text;', func="\n    select state into found from health_scorecardversion\n    where id = case when tg_op = 'DELETE' then old.version_id else new.version_id end for share;\n    if found <> 'draft' or (tg_op = 'UPDATE' and old.version_id <> new.version_id) then\n        raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n    end if;\n    if tg_op = 'DELETE' then\n        return old;\n    end if;\n    return new;\n", hash='8b7adc3b23eec6ade32cd47a2a1d0b971458818e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_only_in_a_draft_2f5ea', table='health_group', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='group',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_groupevent" ("id", "key", "label", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "version_id", "weight") SELECT new_values."id", new_values."key", new_values."label", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."position", new_values."version_id", new_values."weight" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2bc1725fa3dd48c208bba73b15fc05e5c1bbe8a0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c8dde', referencing='REFERENCING NEW TABLE AS new_values ', table='health_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='group',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_groupevent" ("id", "key", "label", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "version_id", "weight") SELECT new_values."id", new_values."key", new_values."label", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."position", new_values."version_id", new_values."weight" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='af6eec64d5d99a4ab3414a7fefc9d7d01dd173d7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_718fa', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='group',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_groupevent" ("id", "key", "label", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "version_id", "weight") SELECT old_values."id", old_values."key", old_values."label", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."position", old_values."version_id", old_values."weight" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9cf25ba20d8150e9d003013003ca14041be481db', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_05444', referencing='REFERENCING OLD TABLE AS old_values ', table='health_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scorecardversionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c72442555d3eee98f1a4ffb1ed3e2ad3cdf2c8cf', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_32e4b', table='health_scorecardversionevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settings',
            trigger=pgtrigger.compiler.Trigger(name='never_changes_once_published', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    if old.state = 'draft' then\n        if tg_op = 'DELETE' then\n            return old;\n        end if;\n        return new;\n    end if;\n    if tg_op = 'UPDATE' and old.state = 'published' and new.state = 'retired'\n        and to_jsonb(new) - array['state', 'retired_at'] = to_jsonb(old) - array['state', 'retired_at'] then\n        return new;\n    end if;\n    raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';\n", hash='ef685ebc15e6d5104898554b3dda022cd4bcf279', operation='UPDATE OR DELETE', pgid='pgtrigger_never_changes_once_published_2e7d2', table='health_settings', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settings',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_settingsevent" ("author_id", "based_on_id", "document", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "state") SELECT new_values."author_id", new_values."based_on_id", new_values."document", new_values."id", new_values."note", new_values."number", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."published_at", new_values."retired_at", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='16bf28922adc4236fde2eb260c5a990d87e37644', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_09e23', referencing='REFERENCING NEW TABLE AS new_values ', table='health_settings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settings',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_settingsevent" ("author_id", "based_on_id", "document", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "state") SELECT new_values."author_id", new_values."based_on_id", new_values."document", new_values."id", new_values."note", new_values."number", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."published_at", new_values."retired_at", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5412b117e90e66b63829e827ba350ffb05f50b82', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c82cc', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='health_settings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settings',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "health_settingsevent" ("author_id", "based_on_id", "document", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "retired_at", "state") SELECT old_values."author_id", old_values."based_on_id", old_values."document", old_values."id", old_values."note", old_values."number", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."published_at", old_values."retired_at", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a03800a88f1e11c49cda5bb5efc4bd970280667d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_bf1c6', referencing='REFERENCING OLD TABLE AS old_values ', table='health_settings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settingsevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='12c17282d8ad368757930c9d36c566cbc37d9294', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5a176', table='health_settingsevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditeduserevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5c122445428c89cca541f42051b5839b98ffddc7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7e411', table='health_auditeduserevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedtokenevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1befd7b905276284fd8a7324fae91f71e91dd11f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b6ccd', table='health_auditedtokenevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedteamevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='85a27a5e549749eb265e9a5de25c72b944c58661', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d04bf', table='health_auditedteamevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedsourceevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d77f436b31f66e057ea673c42a90606b593d5ac6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_22f10', table='health_auditedsourceevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedmergeevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1aa36350f2539ec60b9811c0f8d2db0e5021231b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f9b58', table='health_auditedmergeevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditedattributeevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f9be753e39a461ab6cafe833ce5225a9f1d3ddbd', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_863a2', table='health_auditedattributeevent', when='BEFORE')),
        ),
    ])]
