# Rows that know nothing of use are made anew; until then lists work it out for themselves.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0003_snapshots_by_day'),
    ]

    operations = [
        migrations.RunSQL('delete from health_listrow', migrations.RunSQL.noop),
        migrations.AddField(
            model_name='listrow',
            name='used_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='listrow',
            name='began_on',
            field=models.DateField(null=True),
        ),
    ]
