# Each account has a row from now on, which says nothing until it is made anew, but whose account it is. Apart from what makes
# indexes: PostgreSQL makes none of a table whose keys are still to be checked.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0009_churned_accounts'),
        ('accounts', '0006_accounts_begin_changed'),
    ]

    operations = [
        migrations.RunSQL(
            "update health_listrow kept set until = date '0001-01-01', name = account.name, owner_id = account.owner_id, "
            'stage = account.stage, tier = account.tier, region = account.region '
            'from accounts_account account where account.id = kept.account_id',
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            'insert into health_listrow (account_id, until, name, owner_id, stage, tier, region) '
            "select id, date '0001-01-01', name, owner_id, stage, tier, region from accounts_account "
            'where deleted_at is null and visitors_of_id is null on conflict do nothing',
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            'delete from health_listrow where account_id in '
            '(select id from accounts_account where deleted_at is not null or visitors_of_id is not null)',
            migrations.RunSQL.noop,
        ),
    ]
