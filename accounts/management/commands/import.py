"""`manage.py import`: the first door."""

import argparse
import datetime as dt
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from accounts import imports, kinds
from accounts.csvfile import Unreadable
from accounts.mapping import BadMapping
from accounts.models import Job
from accounts.sources import BadSource
from accounts.undo import CannotUndo, undo


def known_when(text: str) -> Any:
    return text if text in {"occurred", "now"} else day(text)


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day like 2024-03-31") from None


class Command(BaseCommand):
    help = "Import a CSV file of one kind of record, or take an import back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", nargs="?", help=f"one of: {', '.join(kind.name for kind in kinds.every())}")
        parser.add_argument("file", nargs="?", type=Path, help="a CSV file with any usual delimiter and encoding")
        parser.add_argument("--source", help="the system that the file comes from; made if it is new")
        parser.add_argument("--mapping", type=Path, help="a TOML file that says which columns make which members")
        parser.add_argument(
            "--known",
            type=known_when,
            help="when the rows were learned: as they 'occurred' (default for the first import of a kind from a source), "
            "'now' (default for later ones), or all on a day",
        )
        parser.add_argument("--occurred", type=day, help="the day for rows that do not say when they happened")
        parser.add_argument("--complete-through", type=day, help="the last day of which the file tells everything")
        parser.add_argument("--time-zone", default="", help="of the source's times that come without one, from now on")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen, and change nothing")
        parser.add_argument("--rejected", type=Path, help="the file for rejected rows")
        parser.add_argument("--undo", type=int, metavar="JOB", help="take the import with this number back")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"] is not None:
            if options["kind"]:
                raise CommandError("--undo takes the number of a job and nothing else.")
            self.undo(options["undo"])
            return
        if not (options["kind"] and options["file"] and options["source"]):
            raise CommandError("Name a kind, a file and --source; or --undo with the number of a job.")
        try:
            self.run_import(options)
        except (LookupError, Unreadable, BadMapping, BadSource) as error:
            raise CommandError(str(error.args[0] if isinstance(error, LookupError) else error)) from None
        except (OperationalError, InterfaceError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(
                f"The database does not answer any more: {reason}. What was read is in; run it again to go on."
            ) from None

    def run_import(self, options: dict[str, Any]) -> None:
        kind = kinds.get(options["kind"])
        stamp = timezone.now()
        order = imports.Order(
            kind=kind,
            path=options["file"],
            source=options["source"],
            mapping=options["mapping"],
            known=options["known"],
            occurred=options["occurred"],
            complete_through=options["complete_through"],
            time_zone=options["time_zone"],
            rejected=options["rejected"]
            or settings.DATA_DIR / "rejected" / f"{kind.name}-{stamp:%Y%m%d-%H%M%S-%f}.csv",
        )
        progress = Progress(self.stderr if sys.stderr.isatty() else None)
        try:
            report = imports.run(order, dry_run=options["dry_run"], progress=progress)
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was read is in; run it again to go on.") from None
        finally:
            progress.clear()
        title = "Dry run, nothing changed" if options["dry_run"] else f"Job {report.job.pk}"
        self.stdout.write(f"{title}: {report.rows:,} rows of {order.path.name} as {kind.name} from {order.source}.")
        for line in imports.summary(report):
            self.stdout.write(line)
        if report.counts["rejected"]:
            for first in report.rejections[:3]:
                self.stdout.write(f"    line {first['line']}, {first['field'] or 'row'}: {first['reason']}")
            if any("no time zone" in first["reason"] for first in report.rejections):
                self.stdout.write("    (--time-zone says which zone this source's times are in)")
            self.stdout.write(f"Rejected rows with their reasons: {order.rejected}")
        if not options["dry_run"]:
            self.stdout.write(f"To take it back: manage.py import --undo {report.job.pk}")

    def undo(self, number: int) -> None:
        job = Job.objects.filter(pk=number, kind__in=[kind.name for kind in kinds.every()]).first()
        if job is None:
            raise CommandError(f"There is no import with the number {number}.")
        try:
            undone = undo(job, timezone.now())
        except CannotUndo as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Job {number} is undone.")
        for title, counts in (("closed", undone.closed), ("restored", undone.restored)):
            for name, count in counts.items():
                self.stdout.write(f"{count:>12,} {name} {title}")


class Progress:
    """A line that tells how far the import is, for a person who watches."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.began = time.monotonic()

    def __call__(self, report: imports.Report) -> None:
        if self.stream is None or not report.size:
            return
        share = min(report.read / report.size, 1)
        elapsed = time.monotonic() - self.began
        left = elapsed / share - elapsed if share else 0
        bar = "█" * int(share * 24)
        self.stream.write(
            f"\r{bar:<24} {share:4.0%}  {report.rows:,} rows, {report.counts['rejected']:,} rejected, {left:.0f} s left ",
            ending="",
        )
        self.stream.flush()

    def clear(self) -> None:
        if self.stream is not None:
            self.stream.write("\r" + " " * 78 + "\r", ending="")
