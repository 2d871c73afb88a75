"""The words of the attribute dictionary, and what standard events mean until settings are published that say so: as
`health.metrics.rules` has it."""

from django.db import migrations

BUILT_IN = [
    ("name", "Name", "text"),
    ("owner", "Owner", "user"),
    ("parent", "Parent", "account"),
    ("region", "Region", "text"),
    ("stage", "Stage", "text"),
    ("tier", "Tier", "text"),
]

LOGIN = ("Signed In",)
BACKGROUND = (
    "Application Backgrounded", "Application Crashed", "Application Installed", "Application Updated", "Email Bounced",
    "Email Delivered", "Email Link Clicked", "Email Marked as Spam", "Email Opened", "Experiment Viewed",
    "Install Attributed", "Push Notification Bounced", "Push Notification Received", "Trial Ended", "Unsubscribed",
)


def enter(apps, schema_editor):
    definition, meaning = apps.get_model("accounts", "AttributeDefinition"), apps.get_model("accounts", "EventMeaning")
    definition.objects.bulk_create(
        definition(name=name, label=label, type=type, accepted=True) for name, label, type in BUILT_IN
    )
    meaning.objects.bulk_create(
        [meaning(name=name, login=True) for name in LOGIN] + [meaning(name=name, use=False) for name in BACKGROUND]
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_days_and_events")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
