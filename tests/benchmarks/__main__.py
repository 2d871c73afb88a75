"""`python -m tests.benchmarks [--quick] [NAME …]`: run the benchmarks, all or those named, and print one table.

`--quick` runs each with little data and once: whether it still works, not how fast it is.
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable

from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from tests import benchmarks, servers

HEADINGS = ("benchmark", "what", "amount", "seconds", "per second", "")


def main(arguments: list[str]) -> None:
    quick, names = "--quick" in arguments, [argument for argument in arguments if argument != "--quick"]
    found = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    unknown = set(names) - set(found)
    if unknown:
        sys.exit(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(found) or 'none yet'}.")
    with servers.throwaway(durable=True):
        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        try:
            rows = [row for name in names or found for row in measure(name, quick=quick)]
        finally:
            teardown_databases(databases, verbosity=0)
    print_table(rows)


def measure(name: str, *, quick: bool) -> Iterable[tuple[str, ...]]:
    run: Callable[..., Iterable[benchmarks.Result]] = importlib.import_module(f"tests.benchmarks.{name}").run
    for what, amount, seconds, note in run(quick=quick):
        print(f"{name}: {what}: {seconds:.2f} s", file=sys.stderr)
        yield name, what, f"{amount:,}", f"{seconds:.3f}", f"{amount / seconds:,.0f}", note


def print_table(rows: list[tuple[str, ...]]) -> None:
    if not rows:
        print("There are no benchmarks yet.")
        return
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    for row in (HEADINGS, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
