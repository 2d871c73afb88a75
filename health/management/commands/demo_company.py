"""`manage.py demo_company`: a made-up company with eighteen months of history, and its removal."""

import argparse
import datetime as dt
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from health.democompany import build, remove


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day like 2026-03-31") from None


class Command(BaseCommand):
    help = "Make a company of sixty accounts with eighteen months of history, to look at. --remove takes it away again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--today", type=day, help="the day on which it is looked at; the same day, the same company"
        )
        parser.add_argument("--remove", action="store_true", help="take everything away that was made up")

    def handle(self, *, today: dt.date | None, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"{remove.remove()} accounts removed, with all that was theirs.")
            return
        began = time.monotonic()
        try:
            build.build(today or build.latest_day(timezone.now()), lambda words: self.stdout.write(f"  {words}"))
        except build.NotEmpty as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The company is there, made in {time.monotonic() - began:.0f} s.")
