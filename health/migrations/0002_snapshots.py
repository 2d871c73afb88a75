"""Snapshots with month partitions, which Django cannot declare, and what goes with them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
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
        ("accounts", "0004_streams_of_accounts"),
        ("health", "0001_scorecards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Latest",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="latest",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                ("day", models.DateField()),
                ("version_id", models.BigIntegerField()),
                ("score", models.FloatField(null=True)),
                ("coverage", models.FloatField()),
                ("scored", models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")])),
                (
                    "computed",
                    models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")]),
                ),
                (
                    "effective",
                    models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")]),
                ),
                ("score_7", models.FloatField(help_text="The score seven days before.", null=True)),
                ("score_30", models.FloatField(help_text="The score thirty days before.", null=True)),
                ("churned", models.BooleanField(default=False)),
                ("preview_at", models.DateTimeField(null=True)),
                ("preview_score", models.FloatField(null=True)),
                ("preview_coverage", models.FloatField(null=True)),
                (
                    "preview_band",
                    models.SmallIntegerField(
                        choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")], null=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("which", models.SmallIntegerField(choices=[(1, "Provisional"), (2, "Settled")], db_column="pass")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("stopped", "Stopped")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("known_at", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("accounts", models.IntegerField(default=0, help_text="Accounts scored so far.")),
                ("seconds", models.FloatField(default=0, help_text="Working time of all workers.")),
                (
                    "metrics",
                    models.JSONField(default=dict, help_text="Seconds, rows, and accounts that failed, by what was read."),
                ),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-day", "-which"],
                "constraints": [models.UniqueConstraint(fields=("day", "which"), name="one_run_per_day_and_pass")],
            },
        ),
        migrations.RunSQL(
            SNAPSHOTS,
            "drop table health_snapshot",
            state_operations=[
                migrations.CreateModel(
                    name="Snapshot",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "account", "day", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("day", models.DateField()),
                        ("known_at", models.DateTimeField()),
                        ("version_id", models.BigIntegerField()),
                        ("settings_id", models.BigIntegerField()),
                        ("line_up_id", models.BigIntegerField()),
                        ("before_version_id", models.BigIntegerField(null=True)),
                        ("override_id", models.BigIntegerField(null=True)),
                        ("score", models.FloatField(null=True)),
                        ("coverage", models.FloatField()),
                        ("guards_before", models.IntegerField()),
                        ("guards", models.IntegerField()),
                        (
                            "which",
                            models.SmallIntegerField(choices=[(1, "Provisional"), (2, "Settled")], db_column="pass"),
                        ),
                        (
                            "band_before",
                            models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")]),
                        ),
                        (
                            "scored",
                            models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")]),
                        ),
                        (
                            "computed",
                            models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")]),
                        ),
                        (
                            "effective",
                            models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")]),
                        ),
                        (
                            "readings",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.FloatField(null=True), size=None
                            ),
                        ),
                        (
                            "details",
                            django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None),
                        ),
                        ("digest", models.BinaryField(max_length=16)),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("band", models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")])),
                ("reason", models.TextField()),
                ("set_at", models.DateTimeField()),
                ("last_day", models.DateField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="overrides", to="accounts.account"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-set_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("account",),
                        name="one_active_override_per_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="an_override_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("set_at")), _connector="OR"
                        ),
                        name="an_override_ends_after_it_was_set",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("band", "Band"),
                            ("override_began", "Override began"),
                            ("override_ended", "Override ended"),
                        ],
                        max_length=16,
                    ),
                ),
                ("before", models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")])),
                ("after", models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Red"), (2, "Yellow"), (3, "Green")])),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transitions",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "account_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "day", "kind"), name="one_transition_per_account_day_and_kind"
                    )
                ],
            },
        ),
    ]
