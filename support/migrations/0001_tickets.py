import accounts.words
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
            name='TicketEvent',
            fields=[
                ('received_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('receipt_assumed', models.BooleanField(default=False)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('record', models.BigIntegerField()),
                ('changed_in', models.BigIntegerField(db_default=models.Func(function='pg_current_xact_id', output_field=models.BigIntegerField(), template='(%(function)s()::text::bigint)'), editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ticket_record', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('opened', 'Opened'), ('replied', 'Replied'), ('escalated', 'Escalated'), ('de_escalated', 'De-escalated'), ('solved', 'Solved'), ('reopened', 'Reopened'), ('category', 'Category'), ('priority', 'Priority')], max_length=12)),
                ('at', models.DateTimeField()),
                ('value', models.CharField(blank=True, max_length=120)),
                ('derived', models.BooleanField(db_default=False, default=False)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('closed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['record'], name='ticketevent_earlier_versions'), models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='ticketevent_closed_by_job'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['job'], name='ticketevent_of_job'), models.Index(fields=['changed_in', 'id'], name='ticketevent_changes'), models.Index(fields=['account', 'at'], name='ticket_events_of_account'), models.Index(fields=['ticket_record', 'at'], name='ticket_events_of_ticket')],
                'constraints': [models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('received_at')), _connector='OR'), name='ticketevent_superseded_after_received'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('record',), name='one_current_ticketevent_per_record')],
            },
        ),
        migrations.CreateModel(
            name='Ticket',
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
                ('subject', models.CharField(blank=True, max_length=255)),
                ('status', models.CharField(choices=[('open', 'Open'), ('pending', 'Pending'), ('solved', 'Solved')], default='open', max_length=10)),
                ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], default='normal', max_length=10)),
                ('category', models.CharField(blank=True, max_length=120)),
                ('escalated', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('first_replied_at', models.DateTimeField(null=True)),
                ('solved_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tickets', to='accounts.account')),
                ('closed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.source')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['record'], name='ticket_earlier_versions'), models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='ticket_closed_by_job'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['job'], name='ticket_of_job'), models.Index(fields=['changed_in', 'id'], name='ticket_changes'), models.Index(fields=['account', 'opened_at'], name='tickets_of_account'), django.contrib.postgres.indexes.GinIndex(accounts.words.Words('subject'), name='ticket_subjects')],
                'constraints': [models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('received_at')), _connector='OR'), name='ticket_superseded_after_received'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('record',), name='one_current_ticket_per_record')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticket',
            trigger=pgtrigger.compiler.Trigger(name='notes_its_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."superseded_at" IS DISTINCT FROM (NEW."superseded_at"))', func='new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;', hash='091194abf9f61015a7da4868dd90d7c62025f2c8', operation='UPDATE OF "superseded_at"', pgid='pgtrigger_notes_its_change_084cc', table='support_ticket', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketevent',
            trigger=pgtrigger.compiler.Trigger(name='notes_its_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."superseded_at" IS DISTINCT FROM (NEW."superseded_at"))', func='new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;', hash='c0dae557a33f85d851e2d6102f53a1657ad7bdec', operation='UPDATE OF "superseded_at"', pgid='pgtrigger_notes_its_change_01ccf', table='support_ticketevent', when='BEFORE')),
        ),
    ])]
