"""What scores cost besides the night: their room, previews of what changed, a year of one account, and looking back."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from statistics import median

from django.db import connection

from accounts.columns import fetch
from accounts.partitions import ensure_months
from accounts.versions import mark_dirty
from health import previews
from health.configuration import in_force
from health.judging import Deck
from health.metrics.cases import Cases
from health.metrics.read import read
from health.models import Snapshot
from health.scoring.judge import Before, Readings, judge, measure_points
from tests.benchmarks import ROUNDS, Result, beside, crowd, in_turn
from tests.benchmarks.bench_night import QUICK_ACCOUNTS, forget, night, score

ACCOUNTS = 10_000
YEAR = 365
# Of a hundred accounts one changed.
CHANGED = 100
HORIZONS = (0, 30, 60, 90)
OUTCOMES, QUICK_OUTCOMES = 1_000, 50


def run(*, quick: bool = False, accounts: int = ACCOUNTS) -> Iterator[Result]:
    accounts = QUICK_ACCOUNTS if quick else accounts
    rounds = 1 if quick else ROUNDS
    crowd.make(accounts, look_back=max(HORIZONS))
    yield from _previews(accounts, rounds)
    yield _room(accounts)
    yield from _a_year(rounds)
    yield from _looking_back(QUICK_OUTCOMES if quick else OUTCOMES, rounds)


# --- Previews --------------------------------------------------------------------------------------------------------


def _previews(accounts: int, rounds: int) -> Iterator[Result]:
    changed = list(range(1, accounts + 1, CHANGED))

    def preview() -> None:
        moment = night(crowd.DAY) + dt.timedelta(hours=8)
        mark_dirty(changed, moment)
        while previews.refresh(moment):
            pass

    own, theirs = in_turn(preview, lambda: score(forget()), rounds=rounds)
    yield Result("previews of one in a hundred", len(changed), median(own), f"{beside(own, theirs, '0.04')}; the night")


# --- Room ------------------------------------------------------------------------------------------------------------


def _room(accounts: int) -> Result:
    """Bytes of a snapshot with its key: of the table as a night fills it, and of its index."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("vacuum full health_snapshot")
        cursor.execute(
            "select sum(pg_total_relation_size(relid)) from pg_partition_tree('health_snapshot') where isleaf"
        )
        (size,) = cursor.fetchone()
    rows = Snapshot.objects.count()
    note = f"{size / rows:.0f} bytes an account and day; goal 330"
    return Result("room of snapshots", rows, time.perf_counter() - began, note)


# --- A year of one account -------------------------------------------------------------------------------------------


def _a_year(rounds: int) -> Iterator[Result]:
    """Scores with the points of every measure, beside the scores alone."""
    with connection.cursor() as cursor:
        first = crowd.DAY - dt.timedelta(days=YEAR)
        months = {(first + dt.timedelta(days=day)).replace(day=1) for day in range(YEAR + 1)}
        ensure_months("health_snapshot", months)
        names = [field.column for field in Snapshot._meta.concrete_fields if field.column not in ("day", "account_id")]
        listed = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"insert into health_snapshot (day, account_id, {listed}) select %s::date - back, account_id, {listed} "
            "from health_snapshot cross join generate_series(2, %s) back where day = %s and account_id <= 20",
            [crowd.DAY, YEAR - 1, crowd.DAY],
        )
        cursor.execute("vacuum analyze health_snapshot")
    (version,) = in_force(crowd.DAY).versions
    card = Deck(in_force(crowd.DAY)).cards[version.pk]
    where = "from health_snapshot where account_id = %(account)s and day > %(first)s order by day"
    given = {"account": 7, "first": first}

    def breakdown() -> None:
        cells = "score, array_replace(readings, null, 'NaN'), details"
        _, readings, details = fetch(f"select {cells} {where}", given, ("float8", "float8", "int2"))
        measure_points(card, Readings(readings, details[:, 2::3]))

    def scores() -> None:
        fetch(f"select score {where}", given, ("float8",))

    def often(what: Callable[[], None]) -> None:
        for _ in range(20):
            what()

    own, theirs = in_turn(lambda: often(breakdown), lambda: often(scores), rounds=rounds)
    yield Result("a year with its measures", 20, median(own), f"{beside(own, theirs, '2.5')}; the scores alone")


# --- Looking back ----------------------------------------------------------------------------------------------------


def _looking_back(outcomes: int, rounds: int) -> Iterator[Result]:
    """Each case at its own day and as known then, beside a night of as many accounts."""
    force = in_force(crowd.DAY)
    deck = Deck(force)
    (version,) = force.versions
    pairs = [(account, crowd.DAY - dt.timedelta(days=back)) for account in range(1, outcomes + 1) for back in HORIZONS]
    cases = Cases([one for one, _ in pairs], [day for _, day in pairs], [night(day) for _, day in pairs])

    def look_back() -> None:
        for first in range(0, len(cases), 2_000):
            some = cases.of(range(first, min(first + 2_000, len(cases))))
            found = read(deck.asked[version.pk], some, force.rules)
            card = deck.cards[version.pk]
            judge(card, Readings(found.values, found.states), Before.nothing(card, len(some)))

    own, theirs = in_turn(look_back, lambda: score(forget(), only=range(1, len(pairs) + 1)), rounds=rounds)
    note = f"{beside(own, theirs, '3')}; a night of as many accounts"
    yield Result("a look back at four horizons", len(pairs), median(own), note)
