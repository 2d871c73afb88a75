"""`python -m tests.benchmarks [--quick] [--accounts N] [NAME …]`: run the benchmarks, all or those named, and print one table.

`--quick` runs each with little data and once: whether it still works, not how fast it is. `--accounts` says how many
accounts there are, where that is no matter of the benchmark's own.
"""

import argparse
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from tests import benchmarks, servers

HEADINGS = ("benchmark", "what", "amount", "seconds", "per second", "")


def main(arguments: list[str]) -> None:
    found = sorted(one.name for one in pkgutil.iter_modules(benchmarks.__path__) if one.name.startswith("bench_"))
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description="How fast things are.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(found)}; all without any")
    parser.add_argument("--quick", action="store_true", help="whether they still work")
    parser.add_argument("--accounts", type=int, help="how many")
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(found)
    if unknown:
        parser.error(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(found)}.")
    with servers.throwaway(durable=True):
        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        rows = [row for name in given.names or found for row in measure(name, given.quick, given.accounts)]
        teardown_databases(databases, verbosity=0)
    print_table(rows)


def measure(name: str, quick: bool, accounts: int | None) -> Iterable[tuple[str, ...]]:
    """The lines of a benchmark, each in a database of its own."""
    run: Callable[..., Iterable[benchmarks.Result]] = importlib.import_module(f"tests.benchmarks.{name}").run
    sized = accounts is not None and "accounts" in inspect.signature(run).parameters
    with database(name):
        for what, amount, seconds, note in run(quick=quick, **({"accounts": accounts} if sized else {})):
            print(f"{name}: {what}: {seconds:.2f} s {note}", file=sys.stderr)
            yield name, what, f"{amount:,}", f"{seconds:.3f}", f"{amount / seconds:,.0f}", note


@contextmanager
def database(name: str) -> Iterator[None]:
    """A copy of the database without data, so that migrations run once."""
    creation, original = connection.creation, connection.settings_dict["NAME"]
    connection.close()
    creation.clone_test_db(suffix=name, verbosity=0)
    connection.settings_dict["NAME"] = creation.get_test_db_clone_settings(name)["NAME"]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        creation.destroy_test_db(suffix=name, verbosity=0)


def print_table(rows: list[tuple[str, ...]]) -> None:
    if not rows:
        print("There are no benchmarks yet.")
        return
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    for row in (HEADINGS, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
