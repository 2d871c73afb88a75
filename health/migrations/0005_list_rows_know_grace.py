# Rows that know nothing of a license's grace are made anew; until then lists work it out for themselves.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0004_list_rows_know_use'),
    ]

    operations = [
        migrations.RunSQL('delete from health_listrow', migrations.RunSQL.noop),
    ]
