"""An import of usage beside a plain COPY of the same file: first as new rows, then once more, when nothing has changed.

The anchor is what PostgreSQL needs at least: the file sent by COPY into an unlogged table of text without a key. The
import checks each row, finds its end user, keeps its id, adds a version and rolls users and features up by day.
"""

import datetime as dt
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from statistics import median

from django.core.management import call_command
from django.db import connection

from tests.benchmarks import Result

ACCOUNTS, USERS, DAYS = 1_000, 50_000, 90
EVENTS = ("signed_in", "report_viewed", "report_shared", "dashboard_edited", "member_invited")
# An active person does two or three of these on a day.
EVENTS_OF_A_DAY = (2, 3)
FIRST_DAY = dt.date(2026, 1, 1)
BLOCK = 1 << 20

ROWS, RUNS = 1_000_000, 3
QUICK_ROWS, QUICK_RUNS = 20_000, 1


def run(*, quick: bool = False) -> Iterator[Result]:
    rows, runs = (QUICK_ROWS, QUICK_RUNS) if quick else (ROWS, RUNS)
    with tempfile.TemporaryDirectory(prefix="verdant-bench-") as name:
        usage = _write_files(Path(name), rows)
        idle = _peak_memory()
        _import("accounts", Path(name) / "accounts.csv")
        _import("end-users", Path(name) / "end-users.csv")
        copies, firsts, seconds = [], [], []
        for _ in range(runs):
            _forget_usage()
            copies.append(_timed(lambda: _copy(usage)))
            firsts.append(_timed(lambda: _import("usage", usage)))
            copies.append(_timed(lambda: _copy(usage)))
            seconds.append(_timed(lambda: _import("usage", usage)))
        memory = f"; peak memory {_peak_memory() - idle:,} MB above idle"
    yield Result("plain COPY of the file", rows, median(copies), _spread(copies))
    yield Result("import of new rows", rows, median(firsts), _beside(firsts, copies[::2]) + memory)
    yield Result("import of the same rows", rows, median(seconds), _beside(seconds, copies[1::2]))


def _write_files(folder: Path, rows: int) -> Path:
    """A thousand accounts, fifty to each of their people, and usage in the order of its days, as a warehouse gives it."""
    with (folder / "accounts.csv").open("w") as file:
        file.write("external_id,name\n")
        file.writelines(f"a-{number},Account {number}\n" for number in range(ACCOUNTS))
    with (folder / "end-users.csv").open("w") as file:
        file.write("external_id,account\n")
        file.writelines(f"user-{number},a-{number % ACCOUNTS}\n" for number in range(USERS))
    with (folder / "usage.csv").open("w") as file:
        file.write("external_id,end_user,event,day,count\n")
        for number, line in zip(range(rows), _usage(rows), strict=False):
            file.write(f"{number:08x}-{line}")
    return folder / "usage.csv"


def _usage(rows: int) -> Iterator[str]:
    dice = random.Random(rows)
    for number in range(DAYS):
        day = FIRST_DAY + dt.timedelta(days=number)
        active = dice.sample(range(USERS), 1 + rows // DAYS // min(EVENTS_OF_A_DAY))
        for user in active:
            for event in dice.sample(EVENTS, dice.choice(EVENTS_OF_A_DAY)):
                yield f"{user}-{day:%y%m%d},user-{user},{event},{day},{dice.randint(1, 40)}\n"


def _import(kind: str, path: Path) -> None:
    call_command("import", kind, str(path), source="warehouse", stdout=StringIO())


def _copy(path: Path) -> None:
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(
            "create unlogged table plain (external_id text, end_user text, event text, day text, count text)"
        )
        with cursor.copy("copy plain from stdin (format csv, header)") as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        cursor.execute("drop table plain")


def _forget_usage() -> None:
    """Bring the database to where it was before the usage, without leaving the room that it took."""
    with connection.cursor() as cursor:
        cursor.execute("create table kept as select * from accounts_externalid where kind <> 'usage'")
        cursor.execute("truncate accounts_externalid, accounts_usagecount, accounts_userday, accounts_featureday")
        cursor.execute("insert into accounts_externalid select * from kept")
        cursor.execute("drop table kept")
        cursor.execute(
            "delete from accounts_streamsync where stream_id in (select id from accounts_stream where kind = 'usage')"
        )
        cursor.execute("vacuum analyze")
        cursor.execute("checkpoint")


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _beside(figures: list[float], anchors: list[float]) -> str:
    ratios = [figure / anchor for figure, anchor in zip(figures, anchors, strict=True)]
    return f"{median(ratios):.1f} × COPY ({min(ratios):.1f}–{max(ratios):.1f})"


def _spread(figures: list[float]) -> str:
    return f"{min(figures):.2f}–{max(figures):.2f} s"


def _peak_memory() -> int:
    """The most megabytes that this process has ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1_000_000
