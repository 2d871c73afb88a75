import django.db.models.deletion
from django.db import migrations, models

# As `accounts.activity` derives them, of everything that is rolled up.
FILL = """
insert into {name} (account_id, block, {who}, days, weeks, changed_on)
select account_id, (on_day - date '0001-01-01') / 64, who,
    coalesce(bit_or(1::bigint << ((on_day - date '0001-01-01') % 64)) filter (where holds and grain = 1), 0),
    coalesce(bit_or(1::bigint << ((on_day - date '0001-01-01') % 64)) filter (where holds and grain = 7), 0),
    max(learned_on)
from (
    select account_id, {who} as who, grain, day + grain - 1 as on_day, superseded_on is null and {amount} > 0 as holds,
        greatest(received_on, superseded_on) as learned_on
    from {rolled_up}
) found
group by 1, 2, 3 order by 1, 2, 3
"""


def bitmaps(name: str, who: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ("pk", models.CompositePrimaryKey("account", "block", who, blank=True, editable=False, primary_key=True, serialize=False)),
            ("account", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="accounts.account")),
            ("block", models.IntegerField()),
            (who, models.BigIntegerField()),
            ("days", models.BigIntegerField()),
            ("weeks", models.BigIntegerField()),
            ("changed_on", models.DateField()),
        ],
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_end_users_as_known_then")]

    operations = [
        bitmaps("UserActivity", "end_user_record"),
        bitmaps("FeatureActivity", "feature_id"),
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                condition=models.Q(("internal", True)), fields=["record", "account"], name="internal_end_users"
            ),
        ),
        migrations.RunSQL(
            [
                FILL.format(name="accounts_useractivity", who="end_user_record", rolled_up="accounts_userday", amount="events"),
                FILL.format(name="accounts_featureactivity", who="feature_id", rolled_up="accounts_featureday", amount="uses"),
            ],
            migrations.RunSQL.noop,
        ),
    ]  # fmt: skip
