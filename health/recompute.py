"""The night. Every customer is read, scored and explained for each day that ends, twice: once in the night after it, and
once more a night later, when late facts are in; then its snapshot never changes again.

The snapshots are the progress bar. A *run* is one pass of one day over all accounts; what it still has to score are the
customers without a snapshot of that pass. A lost message, a killed worker or a deploy costs one sweep, and doing a part
twice changes nothing: whoever scores a bucket of accounts holds it, and finds done what is done.
"""

import datetime as dt
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min

from accounts import calendar
from accounts.models import Account
from health import alerts, customers, listrows, snapshots, spreads
from health.configuration import in_force, rules_on
from health.customers import Life
from health.judging import Deck, Judged, in_halves, judged, with_failures
from health.metrics.cases import Cases
from health.metrics.read import Effort, measured
from health.models import Latest, Run

log = structlog.get_logger(__name__)

PROVISIONAL, SETTLED = Run.Pass.PROVISIONAL, Run.Pass.SETTLED
BUCKET = 2_000
# How many accounts are looked through at a time for what is still to do: whole buckets.
AT_ONCE = 50 * BUCKET
# Days that were missed longer ago are scored by `manage.py recompute`, not by themselves.
CATCH_UP_DAYS = 30
# What happened longer before its scoring is history, and no alert.
NEWS_DAYS = 3
# Some bad data are an account's own trouble; more than this many are the metric's.
FAILURES_ALLOWED, SHARE_ALLOWED = 5, 0.01


# --- Which runs there are --------------------------------------------------------------------------------------------


def night_of(day: dt.date, which: int) -> dt.datetime:
    """When a pass of a day is due: in the first night after the day, or in the second."""
    begins = calendar.start_of(day + dt.timedelta(days=which))
    return begins + dt.timedelta(hours=settings.NIGHT_HOUR)


def open_runs(now: dt.datetime) -> list[Run]:
    """The runs that are not done, earliest day first; those that have become due are opened. Raises NothingInForce."""
    last = calendar.day_of(now) - dt.timedelta(days=1)
    in_force(last)
    with transaction.atomic():
        _take_turns("runs")
        first = _first_day(last)
        done = set(Run.objects.filter(day__gte=first).values_list("day", "which"))
        for offset in range((last - first).days + 1):
            day = first + dt.timedelta(days=offset)
            for which in (SETTLED, PROVISIONAL):
                # A day that nobody scored in time is settled at once.
                if not done & {(day, which), (day, SETTLED)} and night_of(day, which) <= now:
                    Run.objects.create(day=day, which=which, known_at=now, started_at=now)
                    done.add((day, which))
    return list(Run.objects.exclude(state=Run.State.DONE).order_by("day", "which"))


def _first_day(last: dt.date) -> dt.date:
    """From which day on runs may be missing: the earliest of the last weeks that has one. On the first night, and after a
    longer silence, that night's day; `manage.py recompute` scores what was before."""
    since = last - dt.timedelta(days=CATCH_UP_DAYS)
    return Run.objects.filter(day__gte=since).aggregate(first=Min("day"))["first"] or last


def buckets(accounts: Iterable[int]) -> list[int]:
    """The buckets that these accounts are in. A bucket is scored as one, by one worker at a time."""
    return sorted({account // BUCKET for account in accounts})


def waiting(run: Run) -> list[int]:
    """The buckets in which something is still to be scored."""
    found = []
    for accounts in _undone(run):
        by_bucket: dict[int, list[int]] = {}
        for account in accounts:
            by_bucket.setdefault(account // BUCKET, []).append(account)
        # One customer tells of a bucket, and most accounts are customers.
        told = buckets(_customers(run, [some[0] for some in by_bucket.values()]))
        found += [bucket for bucket, some in by_bucket.items() if bucket in told or _customers(run, some)]
    return found


def _undone(run: Run) -> Iterator[list[int]]:
    """The accounts without a snapshot of this pass, in order, of some buckets at a time: a million would take a worker more
    memory than all else it does."""
    last = Account.objects.aggregate(last=Max("id"))["last"] or 0
    for first in range(0, last + 1, AT_ONCE):
        yield snapshots.without(customers.all_accounts(first, first + AT_ONCE - 1), run.day, run.which)


def due(run: Run, accounts: Sequence[int]) -> list[int]:
    """Those of the accounts that are customers and have no snapshot of this pass yet."""
    return _customers(run, snapshots.without(accounts, run.day, run.which))


def _customers(run: Run, accounts: Sequence[int]) -> list[int]:
    return [account for account, life in _lives(run, accounts) if life is Life.CUSTOMER]


def _lives(run: Run, accounts: Sequence[int]) -> Iterator[tuple[int, Life]]:
    rules = rules_on(run.day)
    for first in range(0, len(accounts), BUCKET):
        some = accounts[first : first + BUCKET]
        yield from zip(some, customers.lives(Cases.on(some, run.day, run.known_at), rules), strict=True)


def finish(run: Run, now: dt.datetime) -> None:
    """Note that nothing is left to score, and who is no customer (any more)."""
    with transaction.atomic():
        running = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
        if running.update(state=Run.State.DONE, finished_at=now):
            # Whoever has a snapshot of this pass is a customer.
            lives = chain.from_iterable(_lives(run, accounts) for accounts in _undone(run))
            nobody = [account for account, life in lives if life is not Life.CUSTOMER]
            snapshots.take_back(run, nobody)
            spreads.keep(run.day)
            alerts.take_back(run, nobody)
            # Whoever was scored and is no customer any more churned, also if the account was archived since.
            Latest.objects.filter(account__in=nobody, day__lt=run.day, churned=False).update(churned=True)
            listrows.move_on(nobody)
            if is_news(run):
                alerts.watch_sources(run, in_force(run.day))
                alerts.watch_overrides(now)


def go_on(run: Run) -> None:
    """Let a run that was stopped go on: what it stumbled over has been mended."""
    with transaction.atomic():
        stopped = Run.objects.select_for_update().filter(pk=run.pk, state=Run.State.STOPPED).first()
        if stopped is not None:
            for entry in stopped.metrics.values():
                entry["failed"] = 0
            stopped.state, stopped.error = Run.State.RUNNING, ""
            stopped.save(update_fields=["state", "error", "metrics"])


# --- Scoring ---------------------------------------------------------------------------------------------------------


@dataclass
class Scored:
    """What came of a range of accounts."""

    accounts: int = 0
    seconds: float = 0.0
    efforts: dict[str, Effort] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)


def score_bucket(run: Run, bucket: int, only: Collection[int] | None = None) -> Scored:
    """Score the accounts of a bucket that are due, or those of them that are named."""
    began = time.perf_counter()
    scored = Scored()
    snapshots.room(run.day)
    with held(f"score {run.day} {bucket}"):
        accounts = customers.all_accounts(bucket * BUCKET, (bucket + 1) * BUCKET - 1)
        wanted = due(run, [account for account in accounts if only is None or account in only])
        if wanted:
            with measured(scored.efforts):
                _score(run, wanted, scored)
    scored.seconds = time.perf_counter() - began
    if run.pk and (scored.accounts or scored.failed):
        note(run, scored)
    return scored


def _score(run: Run, accounts: Sequence[int], scored: Scored) -> None:
    deck = Deck(in_force(run.day))

    def together(some: Sequence[int]) -> None:
        if not _too_many(scored.failed):
            keep(run, deck, list(judged(deck, some, run.day, run.known_at)))
            scored.accounts += len(some)

    def alone(account: int) -> None:
        group = with_failures(deck, account, run.day, run.known_at)
        keep(run, deck, [group])
        scored.accounts += 1
        for metric in group.failed:
            scored.failed[metric] = scored.failed.get(metric, 0) + 1

    in_halves(accounts, together, alone)


def keep(run: Run, deck: Deck, groups: Sequence[Judged]) -> None:
    """Store what was judged, and tell of it."""
    transitions = snapshots.store(run, deck.in_force, groups)
    if is_news(run):
        for group in groups:
            alerts.raise_for(run, group, transitions)


def is_news(run: Run) -> bool:
    """Whether people are still to be told of the day. A backfill of last year tells nobody anything."""
    return run.day >= calendar.day_of(run.started_at) - dt.timedelta(days=NEWS_DAYS)


def _too_many(failed: Mapping[str, int]) -> str:
    """The metric that failed for more accounts than a few, if there is one."""
    allowed = max(FAILURES_ALLOWED, SHARE_ALLOWED * Account.objects.existing().count()) if failed else 0
    return next((metric for metric, accounts in failed.items() if accounts > allowed), "")


def note(run: Run, scored: Scored) -> None:
    """Add to the run's account of itself. A metric that fails for more than a few stops it loudly."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        run.accounts += scored.accounts
        run.seconds += scored.seconds
        for name, effort in scored.efforts.items():
            entry = run.metrics.setdefault(name, {"seconds": 0.0, "rows": 0, "failed": 0})
            entry["seconds"] = round(entry["seconds"] + effort.seconds, 3)
            entry["rows"] = entry.get("rows", 0) + effort.rows
        for name, failed in scored.failed.items():
            entry = run.metrics.setdefault(name, {"seconds": 0.0, "failed": 0})
            entry["failed"] += failed
        metric = _too_many({name: run.metrics[name]["failed"] for name in scored.failed})
        if metric and run.state == Run.State.RUNNING:
            run.state = Run.State.STOPPED
            run.error = (
                f"{metric} failed for {run.metrics[metric]['failed']} accounts. The night is stopped until that is mended; "
                f"then `python manage.py recompute --day {run.day}` goes on."
            )
            log.error("night_stopped", day=str(run.day), metric=metric, error=run.error)
        run.save(update_fields=["accounts", "seconds", "metrics", "state", "error"])


# --- Locks -----------------------------------------------------------------------------------------------------------


def _take_turns(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


@contextmanager
def held(what: str) -> Iterator[None]:
    """Wait for, and hold, something named. PostgreSQL lets go of it when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [what])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [what])
