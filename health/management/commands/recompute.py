"""`manage.py recompute`: score days that have ended, for a backfill or after an outage."""

import argparse
import datetime as dt
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import calendar
from accounts.models import Account
from health import backfill
from health.configuration import NothingInForce


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day like 2024-03-31") from None


class Command(BaseCommand):
    help = "Score days that have ended and have no settled snapshot. Settled snapshots never change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=day, help="one day; without any, yesterday")
        parser.add_argument("--from", type=day, dest="first", help="the first of several days")
        parser.add_argument("--to", type=day, dest="last", help="the last of several days")
        parser.add_argument("--account", help="one account, by its number or its public id")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        yesterday = calendar.day_of(now) - dt.timedelta(days=1)
        if options["day"] and (options["first"] or options["last"]):
            raise CommandError("Give --day, or --from and --to.")
        first = options["day"] or options["first"] or yesterday
        last = options["day"] or options["last"] or yesterday
        if last < first:
            raise CommandError(f"{last} is before {first}.")
        if first > yesterday:
            raise CommandError(f"{first} has not ended.")
        accounts = [self.account(options["account"])] if options["account"] else None
        total = (min(last, yesterday) - first).days + 1
        try:
            made = backfill.backfill(first, last, now, accounts=accounts, progress=self.progress(first, total))
        except (NothingInForce, backfill.Stopped) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{made:,} snapshots made, {first} to {min(last, yesterday)}.")

    def account(self, name: str) -> int:
        found = Account.objects.existing()
        found = found.filter(pk=int(name)) if name.isdecimal() else found.filter(public_id__iexact=name)
        account = found.first()
        if account is None:
            raise CommandError(f"There is no account {name}.")
        return int(account.pk)

    def progress(self, first: dt.date, total: int) -> Any:
        watched = sys.stderr.isatty()

        def show(day: dt.date, scored: int) -> None:
            if watched:
                done = (day - first).days + 1
                bar = "█" * (24 * done // total)
                end = "\n" if done == total else ""
                self.stderr.write(f"\r{bar:<24} {done} of {total} days, {day}: {scored:,} scored ", ending=end)
                self.stderr.flush()

        return show
