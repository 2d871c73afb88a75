"""The words of the attribute dictionary that every installation has."""

from django.db import migrations

BUILT_IN = [
    ("name", "Name", "text"),
    ("owner", "Owner", "user"),
    ("parent", "Parent", "account"),
    ("region", "Region", "text"),
    ("stage", "Stage", "text"),
    ("tier", "Tier", "text"),
]


def enter(apps, schema_editor):
    definition = apps.get_model("accounts", "AttributeDefinition")
    definition.objects.bulk_create(
        definition(name=name, label=label, type=type, accepted=True) for name, label, type in BUILT_IN
    )


def remove(apps, schema_editor):
    apps.get_model("accounts", "AttributeDefinition").objects.filter(name__in=[name for name, _, _ in BUILT_IN]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_day_rollups"),
    ]

    operations = [
        migrations.RunPython(enter, remove),
    ]
