"""What standard events mean until settings are published that say so: as `health.metrics.rules` has it."""

from django.db import migrations

LOGIN = ("Signed In",)
BACKGROUND = (
    "Application Backgrounded", "Application Crashed", "Application Installed", "Application Updated", "Email Bounced",
    "Email Delivered", "Email Link Clicked", "Email Marked as Spam", "Email Opened", "Experiment Viewed",
    "Install Attributed", "Push Notification Bounced", "Push Notification Received", "Trial Ended", "Unsubscribed",
)


def fill(apps, schema_editor):
    meaning = apps.get_model("accounts", "EventMeaning")
    meaning.objects.bulk_create(
        [meaning(name=name, login=True) for name in LOGIN] + [meaning(name=name, use=False) for name in BACKGROUND],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_outreach")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
