"""Days that are made of events beside those made of counts, each under its own key."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

ADD = """
alter table {name} add column origin smallint not null default 0;
alter table {name} drop constraint {name}_pkey;
alter table {name} add primary key (account_id, day, {who}, grain, origin, received_on);
"""
REMOVE = """
delete from {name} where origin <> 0;
alter table {name} drop constraint {name}_pkey;
alter table {name} drop column origin;
alter table {name} add primary key (account_id, day, {who}, grain, received_on);
"""
TABLES = (("accounts_userday", "end_user_record"), ("accounts_featureday", "feature_id"))


def origin(model: str) -> migrations.AddField:
    return migrations.AddField(
        model, "origin", models.SmallIntegerField(choices=[(0, "counted"), (1, "tracked")], default=0)
    )


def key(model: str, who: str) -> migrations.AlterField:
    fields = ("account", "day", who, "grain", "origin", "received_on")
    return migrations.AlterField(
        model, "pk", models.CompositePrimaryKey(*fields, blank=True, editable=False, primary_key=True, serialize=False)
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_tokens")]

    operations = [
        *(
            migrations.RunSQL(
                ADD.format(name=name, who=who),
                REMOVE.format(name=name, who=who),
                state_operations=[origin(model)],
            )
            for (name, who), model in zip(TABLES, ("userday", "featureday"), strict=True)
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[key("userday", "end_user_record"), key("featureday", "feature")]
        ),
        *(
            migrations.AddField("userday", name, models.IntegerField(null=True))
            for name in ("logins", "sessions", "single_page_sessions", "active_seconds")
        ),
        migrations.AddField("userday", "session_seconds", ArrayField(models.IntegerField(), null=True)),
        migrations.AddField("userday", "roles", models.BigIntegerField(null=True)),
    ]
