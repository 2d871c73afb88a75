"""`manage.py ready`: what an installation needs before its first night."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from health.ready_made import publish_ready_made


class Command(BaseCommand):
    help = "Publish the ready-made scorecards, settings and line-up where there are none yet. Running it again is harmless."

    def handle(self, **_: Any) -> None:
        for name in publish_ready_made(timezone.now()):
            self.stdout.write(f"Published: {name}")
