"""The night over a crowd of accounts: through Celery, beside DuckDB, and beside the statements that it sends."""

import datetime as dt
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
from django.db import connection

from accounts import columns
from health import customers, recompute, tasks
from health.configuration import in_force
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.models import Run
from health.scorecards import asked_of
from tests.benchmarks import ROUNDS, Result, anchor, beside, crowd, in_turn, workers

ACCOUNTS, QUICK_ACCOUNTS = 10_000, 200
NOW = dt.timedelta(minutes=10)
# Seconds: after which what was handed out and not begun is handed out again, and after which something is wrong.
BEAT, TOO_LONG = 60.0, 3_600.0


def run(*, quick: bool = False, accounts: int = ACCOUNTS) -> Iterator[Result]:
    accounts = QUICK_ACCOUNTS if quick else accounts
    began = time.perf_counter()
    crowd.make(accounts)
    yield Result("make the crowd", accounts, time.perf_counter() - began)
    rounds = 1 if quick else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        anchor.export(Path(folder))
        _compare(Path(folder))
        yield from _against_duckdb(Path(folder), accounts, rounds)
    yield from _against_its_statements(accounts, rounds)


def night(day: dt.date) -> dt.datetime:
    """A moment in the night after a day."""
    return recompute.night_of(day, 1) + NOW


def forget(day: dt.date = crowd.DAY, which: int = 1) -> Run:
    """Make a night undone, as if this pass of it were to begin."""
    with connection.cursor() as cursor:
        for table in ("health_snapshot", "health_transition", "health_spread"):
            cursor.execute(f"delete from {table} where day = %s", [day])
        cursor.execute("delete from health_alert where day = %s", [day])
        Run.objects.filter(day=day).delete()
        cursor.execute("update health_listrow set day = null, score = null where day = %s", [day])
        cursor.execute("vacuum (analyze) health_snapshot, health_latest, health_listrow")
    return Run.objects.create(day=day, which=which, known_at=night(day), started_at=night(day))


def score(work: Run, only: Collection[int] = ()) -> float:
    """A night in this process, over all accounts or some of them. Returns its seconds."""
    began = time.perf_counter()
    for bucket in recompute.buckets(only or customers.all_accounts()):
        recompute.score_bucket(work, bucket, only or None)
    if not only:
        recompute.finish(work, night(work.day))
    return time.perf_counter() - began


# --- Beside DuckDB ---------------------------------------------------------------------------------------------------


def _against_duckdb(folder: Path, accounts: int, rounds: int) -> Iterator[Result]:
    rules = in_force(crowd.DAY).rules
    # What bands and transitions look back to.
    score(forget(crowd.DAY - dt.timedelta(days=1), which=recompute.SETTLED))
    idle = workers.idle()
    with workers.started(os.cpu_count() or 1) as memory:
        own, theirs = in_turn(
            _through_celery, lambda: anchor.readings(folder, crowd.DAY, night(crowd.DAY), rules), rounds=rounds
        )
    work = Run.objects.get(day=crowd.DAY)
    assert (work.accounts, work.error) == (accounts, "")
    yield Result("DuckDB reads", accounts, median(theirs))
    yield Result("the night, by Celery", accounts, median(own), f"{beside(own, theirs, '1.5')}; DuckDB")
    held = f"{(memory.worker - idle) / 1e6:.0f} MB above idle a worker, {memory.backend / 1e6:.0f} MB a backend"
    yield Result("of that, tasks", accounts, work.seconds / (os.cpu_count() or 1), held)
    for name, effort in sorted(work.metrics.items(), key=lambda one: -one[1]["seconds"]):
        yield Result(f"reading {name}", int(effort["rows"]), float(effort["seconds"]) / (os.cpu_count() or 1) or 1e-9)


def _through_celery() -> float:
    work, everybody = forget(), len(customers.all_accounts())
    moment = night(crowd.DAY).isoformat()
    began, swept = time.perf_counter(), -BEAT
    while work.accounts < everybody:
        so_far = time.perf_counter() - began
        assert so_far < TOO_LONG, "The workers do not get done."
        if so_far - swept >= BEAT:
            tasks.sweep.delay(moment)
            swept = so_far
        time.sleep(0.02)
        work.refresh_from_db()
    tasks.sweep(moment)
    seconds = time.perf_counter() - began
    work.refresh_from_db()
    assert work.state == Run.State.DONE
    return seconds


def _compare(folder: Path) -> None:
    """What both sides read must be the same, or there is nothing to compare."""
    force = in_force(crowd.DAY)
    (version,) = force.versions
    asked: tuple[Asked, ...] = asked_of(version)
    found = read(asked, Cases.on(customers.all_accounts(), crowd.DAY, night(crowd.DAY)), force.rules)
    theirs = anchor.readings(folder, crowd.DAY, night(crowd.DAY), force.rules)
    for slot, one in enumerate(asked):
        key = one.metric.key
        counts = theirs.get(f"{key} n")
        values = theirs[key] if one.min_n is None and not one.metric.min_n else None
        for name, ours, other in ((key, found.values[:, slot], values), (f"{key} n", found.n[:, slot], counts)):
            if other is not None and not np.allclose(ours, other, equal_nan=True):
                at = int(np.flatnonzero(~np.isclose(ours, other, equal_nan=True))[0])
                raise AssertionError(f"{name}: account {at + 1} has {ours[at]} here and {other[at]} there")


# --- Beside its statements -------------------------------------------------------------------------------------------


def _against_its_statements(accounts: int, rounds: int) -> Iterator[Result]:
    """What Django, Python and numpy add to the statements, to what is copied and to commits, in one process."""
    own, theirs = [], []
    server: Any = connection
    for _ in range(rounds):
        work, spent = forget(), Spent()
        with (
            connection.execute_wrapper(spent.by),
            patch.object(columns, "write", partial(spent.by, columns.write)),
            patch.object(server, "_commit", partial(spent.by, server._commit)),
        ):
            own.append(score(work))
        theirs.append(spent.seconds)
    yield Result("its statements", accounts, median(theirs))
    yield Result("the night, in one process", accounts, median(own), f"{beside(own, theirs, '1.3')}; its statements")


class Spent:
    """The seconds that something took, each time it was called."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def by(self, what: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        try:
            return what(*given)
        finally:
            self.seconds += time.perf_counter() - began
