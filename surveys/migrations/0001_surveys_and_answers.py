import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from accounts.at_once import AtOnce
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_days_and_events'),
    ]

    operations = [AtOnce([
        migrations.CreateModel(
            name='Request',
            fields=[
                ('received_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('receipt_assumed', models.BooleanField(default=False)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('record', models.BigIntegerField()),
                ('changed_in', models.BigIntegerField(db_default=models.Func(function='pg_current_xact_id', output_field=models.BigIntegerField(), template='(%(function)s()::text::bigint)'), editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('survey_record', models.BigIntegerField()),
                ('stakeholder_record', models.BigIntegerField(null=True)),
                ('end_user_record', models.BigIntegerField(null=True)),
                ('sent_at', models.DateTimeField()),
                ('delivered_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='survey_requests', to='accounts.account')),
                ('closed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['record'], name='request_earlier_versions'), models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='request_closed_by_job'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['job'], name='request_of_job'), models.Index(fields=['changed_in', 'id'], name='request_changes'), models.Index(fields=['account', 'sent_at'], name='survey_requests_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('received_at')), _connector='OR'), name='request_superseded_after_received'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('record',), name='one_current_request_per_record')],
            },
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('received_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('receipt_assumed', models.BooleanField(default=False)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('record', models.BigIntegerField()),
                ('changed_in', models.BigIntegerField(db_default=models.Func(function='pg_current_xact_id', output_field=models.BigIntegerField(), template='(%(function)s()::text::bigint)'), editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('survey_record', models.BigIntegerField()),
                ('request_record', models.BigIntegerField(null=True)),
                ('stakeholder_record', models.BigIntegerField(null=True)),
                ('end_user_record', models.BigIntegerField(null=True)),
                ('ticket_record', models.BigIntegerField(null=True)),
                ('touchpoint_record', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('value', models.FloatField()),
                ('comment', models.TextField(blank=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='survey_responses', to='accounts.account')),
                ('closed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['record'], name='response_earlier_versions'), models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='response_closed_by_job'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['job'], name='response_of_job'), models.Index(fields=['changed_in', 'id'], name='response_changes'), models.Index(fields=['account', 'at'], name='survey_responses_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('received_at')), _connector='OR'), name='response_superseded_after_received'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('record',), name='one_current_response_per_record')],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('received_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('receipt_assumed', models.BooleanField(default=False)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('record', models.BigIntegerField()),
                ('changed_in', models.BigIntegerField(db_default=models.Func(function='pg_current_xact_id', output_field=models.BigIntegerField(), template='(%(function)s()::text::bigint)'), editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('name', models.CharField(max_length=255)),
                ('kind', models.CharField(choices=[('nps', 'NPS'), ('csat', 'CSAT'), ('ces', 'CES')], max_length=4)),
                ('question', models.TextField(blank=True)),
                ('minimum', models.FloatField()),
                ('maximum', models.FloatField()),
                ('high_is_good', models.BooleanField(default=True)),
                ('closed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['record'], name='survey_earlier_versions'), models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='survey_closed_by_job'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['job'], name='survey_of_job'), models.Index(fields=['changed_in', 'id'], name='survey_changes')],
                'constraints': [models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('received_at')), _connector='OR'), name='survey_superseded_after_received'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('record',), name='one_current_survey_per_record'), models.CheckConstraint(condition=models.Q(('maximum__gt', models.F('minimum'))), name='survey_scale_is_not_empty'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'nps'), _negated=True), models.Q(('high_is_good', True), ('maximum', 10), ('minimum', 0)), _connector='OR'), name='nps_is_asked_from_0_to_10')],
            },
        ),
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('received_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('receipt_assumed', models.BooleanField(default=False)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('record', models.BigIntegerField()),
                ('changed_in', models.BigIntegerField(db_default=models.Func(function='pg_current_xact_id', output_field=models.BigIntegerField(), template='(%(function)s()::text::bigint)'), editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('stakeholder_record', models.BigIntegerField(null=True)),
                ('end_user_record', models.BigIntegerField(null=True)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('push', 'Push'), ('app_uninstalled', 'App uninstalled')], default='email', max_length=20)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='opt_outs', to='accounts.account')),
                ('closed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['record'], name='optout_earlier_versions'), models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='optout_closed_by_job'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['job'], name='optout_of_job'), models.Index(fields=['changed_in', 'id'], name='optout_changes'), models.Index(fields=['account', 'at'], name='opt_outs_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('received_at')), _connector='OR'), name='optout_superseded_after_received'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('record',), name='one_current_optout_per_record')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='optout',
            trigger=pgtrigger.compiler.Trigger(name='notes_its_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."superseded_at" IS DISTINCT FROM (NEW."superseded_at"))', func='new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;', hash='fca64c4423ea58766a1842990f4a685b12e8ced3', operation='UPDATE OF "superseded_at"', pgid='pgtrigger_notes_its_change_1c810', table='surveys_optout', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='request',
            trigger=pgtrigger.compiler.Trigger(name='notes_its_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."superseded_at" IS DISTINCT FROM (NEW."superseded_at"))', func='new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;', hash='c524f57d512af5e1887d37987b2ffeaeacdadc5c', operation='UPDATE OF "superseded_at"', pgid='pgtrigger_notes_its_change_222d0', table='surveys_request', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='response',
            trigger=pgtrigger.compiler.Trigger(name='notes_its_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."superseded_at" IS DISTINCT FROM (NEW."superseded_at"))', func='new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;', hash='15af5f0dc2a87a2cc5a7b9dd4f67899c01c63115', operation='UPDATE OF "superseded_at"', pgid='pgtrigger_notes_its_change_ff0cd', table='surveys_response', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='survey',
            trigger=pgtrigger.compiler.Trigger(name='notes_its_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."superseded_at" IS DISTINCT FROM (NEW."superseded_at"))', func='new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;', hash='10fc145dd0b20155be911fc3016140c547abcbb3', operation='UPDATE OF "superseded_at"', pgid='pgtrigger_notes_its_change_87f59', table='surveys_survey', when='BEFORE')),
        ),
    ])]
