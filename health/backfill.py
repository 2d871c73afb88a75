"""Days that have passed are scored many at a time, with the same result as night after night.

What is read of a day does not depend on how earlier days were judged; only the band before and the guards that held do. So
the facts of a stretch of days are read together, each day as known in its own night, and then judged and stored day by
day. Where reading them together fails, the days are scored one by one, as nights are.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from django.db import transaction

from health import customers, recompute, snapshots
from health.configuration import in_force
from health.customers import Life
from health.judging import Deck, judged_from
from health.metrics.cases import Cases
from health.metrics.read import Read, measured, read
from health.models import Run
from health.recompute import PROVISIONAL, SETTLED, Scored, night_of

log = structlog.get_logger(__name__)

# How many cases are read together: a stretch is as many days as that allows.
CASES_AT_ONCE = 20_000
DAYS_AT_ONCE = 60


class Stopped(Exception):
    """A run has stopped; the message says why."""


def backfill(
    first: dt.date, last: dt.date, now: dt.datetime, *, accounts: Sequence[int] | None = None,
    progress: Callable[[dt.date, int], None] = lambda day, scored: None,
) -> int:  # fmt: skip
    """Score the days that have ended and have no settled snapshots, in order, as each night would have known them.

    Returns how many snapshots were made. Settled ones stay as they are. Raises NothingInForce and Stopped.
    """
    everybody = customers.all_accounts() if accounts is None else accounts
    made = 0
    for stretch in _stretches(first, last, now, len(everybody)):
        runs = [_run_for(day, which, now, of_everybody=accounts is None) for day, which in stretch]
        scored = dict.fromkeys((run.day for run in runs), 0)
        for bucket in recompute.buckets(everybody):
            own = [account for account in everybody if account // recompute.BUCKET == bucket]
            for day, count in _score_stretch(runs, bucket, own, of_everybody=accounts is None).items():
                scored[day] += count
        for run in runs:
            if accounts is None:
                recompute.finish(run, now)
            made += scored[run.day]
            progress(run.day, scored[run.day])
    return made


def _stretches(first: dt.date, last: dt.date, now: dt.datetime, accounts: int) -> Iterator[list[tuple[dt.date, int]]]:
    """The days whose night has come, each with its pass, as many together as are read together."""
    due = []
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        which = SETTLED if night_of(day, SETTLED) <= now else PROVISIONAL
        if night_of(day, which) <= now:
            due.append((day, int(which)))
    length = max(1, min(DAYS_AT_ONCE, CASES_AT_ONCE // max(1, min(accounts, recompute.BUCKET))))
    for start in range(0, len(due), length):
        yield due[start : start + length]


def _run_for(day: dt.date, which: int, now: dt.datetime, *, of_everybody: bool) -> Run:
    """The run of a day, which goes on if it was stopped. What is scored of a few accounts only is no run of its own."""
    said = {"known_at": night_of(day, which), "started_at": now}
    if not of_everybody:
        return Run.objects.filter(day=day, which=which).first() or Run(day=day, which=which, **said)
    run, _ = Run.objects.get_or_create(day=day, which=which, defaults=said)
    recompute.go_on(run)
    return run


def _score_stretch(
    runs: Sequence[Run], bucket: int, accounts: Sequence[int], *, of_everybody: bool
) -> dict[dt.date, int]:
    """Score the days of these runs, for these accounts of a bucket. Returns how many were scored, by day."""
    made = {}
    try:
        with transaction.atomic():
            ahead = _read_ahead(runs, accounts) if len(runs) > 1 else {}
    except Exception as error:  # noqa: BLE001 – whatever it is, each day finds out for itself
        log.info("read_one_by_one", first=str(runs[0].day), days=len(runs), error=str(error))
        ahead = {}
    for run in runs:
        if run.day in ahead:
            made[run.day] = _score_day(run, bucket, accounts, ahead[run.day])
        else:
            made[run.day] = recompute.score_bucket(run, bucket, accounts).accounts
            if of_everybody:
                _check(run)
    return made


def _check(run: Run) -> None:
    run.refresh_from_db(fields=["state", "error"])
    if run.state == Run.State.STOPPED:
        raise Stopped(run.error)


# --- Reading ahead ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ahead:
    """What was read of one day: the accounts of each scorecard version, with their readings."""

    deck: Deck
    read: Mapping[int, tuple[list[int], Read]]
    effort: Scored


def _read_ahead(runs: Sequence[Run], accounts: Sequence[int]) -> dict[dt.date, Ahead]:
    """Read all days of a stretch at once: those that are judged by the same documents together."""
    alike: dict[tuple[int, ...], list[Run]] = defaultdict(list)
    decks: dict[tuple[int, ...], Deck] = {}
    for run in runs:
        force = in_force(run.day)
        same = (force.settings.pk, force.line_up.pk, *(version.pk for version in force.versions))
        decks.setdefault(same, Deck(force))
        alike[same].append(run)
    found: dict[dt.date, Ahead] = {}
    for same, together in alike.items():
        found |= _read_alike(decks[same], together, accounts)
    return found


def _read_alike(deck: Deck, runs: Sequence[Run], accounts: Sequence[int]) -> dict[dt.date, Ahead]:
    effort = Scored()
    with measured(effort.efforts):
        cases = _customers(deck, runs, accounts)
        places: Sequence[int] = deck.in_force.choose(cases).tolist() if len(cases) else []
        by_day: dict[dt.date, dict[int, tuple[list[int], Read]]] = {run.day: {} for run in runs}
        for version in deck.in_force.versions:
            chosen = [i for i, place in enumerate(places) if deck.in_force.places[place].version.pk == version.pk]
            if chosen:
                own = cases.of(chosen)
                whole = read(deck.asked[version.pk], own, deck.in_force.rules)
                for day, positions in _positions(own.days).items():
                    by_day[day][version.pk] = [own.accounts[i] for i in positions], whole.of(positions)
    for name in effort.efforts.values():
        name.seconds, name.rows = name.seconds / len(runs), name.rows // len(runs)
    return {day: Ahead(deck, found, effort) for day, found in by_day.items()}


def _customers(deck: Deck, runs: Sequence[Run], accounts: Sequence[int]) -> Cases:
    """Whoever has to be scored on each day: the customers that have no snapshot of the pass yet."""
    due = [(account, run) for run in runs for account in snapshots.without(accounts, run.day, run.which)]
    cases = Cases([one for one, _ in due], [run.day for _, run in due], [run.known_at for _, run in due])
    lives = customers.lives(cases, deck.in_force.rules) if due else []
    return cases.of([position for position, life in enumerate(lives) if life is Life.CUSTOMER])


def _positions(days: Sequence[dt.date]) -> dict[dt.date, list[int]]:
    found: dict[dt.date, list[int]] = defaultdict(list)
    for position, day in enumerate(days):
        found[day].append(position)
    return found


def _score_day(run: Run, bucket: int, accounts: Sequence[int], ahead: Ahead) -> int:
    """Judge and store a day that has been read. Where a worker was quicker, what it left is scored as in any night."""
    snapshots.room(run.day)
    wanted = [account for own, _ in ahead.read.values() for account in own]
    scored = Scored(len(wanted), efforts=dict(ahead.effort.efforts))
    with recompute.held(f"score {run.day} {bucket}"), transaction.atomic():
        is_ours = len(snapshots.without(wanted, run.day, run.which)) == len(wanted)
        if is_ours:
            recompute.keep(run, ahead.deck, [
                judged_from(ahead.deck, version, *ahead.read[version.pk], day=run.day)
                for version in ahead.deck.in_force.versions if version.pk in ahead.read
            ])  # fmt: skip
    if not is_ours:
        return recompute.score_bucket(run, bucket, accounts).accounts
    if run.pk and scored.accounts:
        recompute.note(run, scored)
    return scored.accounts
