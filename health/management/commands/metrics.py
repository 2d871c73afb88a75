"""`manage.py metrics` prints all metrics as the table that README.md holds; `--promises` one line for each."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from health.metrics import catalog


class Command(BaseCommand):
    help = "Print the metrics: the README's table, or with --promises what is promised of each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--promises", action="store_true", help="One line a metric, for the tests' snapshot.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(catalog.promises()) if options["promises"] else catalog.markdown())
