"""The nights as their page shows them: what each day's scoring came to, what was late, what failed; the same as before is
said once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Value, When, Window
from django.db.models.functions import RowNumber

from accounts import calendar
from health.book import WORST_FIRST
from health.metrics import declare
from health.models import Alert, Run, Snapshot, Transition
from health.scoring.card import Band

NIGHTS = 30
# Of the accounts that changed band in one night so many are named, the worst first.
NAMED = 30


@dataclass(frozen=True)
class Entry:
    """What a run read: facts of one kind with their rows and seconds, or a metric with the accounts it failed for."""

    label: str
    seconds: float
    rows: int | None
    failed: int


@dataclass(frozen=True)
class Pass:
    """One pass over one day."""

    run: Run
    entries: tuple[Entry, ...]

    @property
    def took(self) -> dt.timedelta | None:
        """From its opening to its end, on the clock; None while it is not done, and where nobody looked at the clock: days
        that are filled in together are opened and closed at once."""
        run = self.run
        return run.finished_at - run.started_at if run.finished_at and run.finished_at > run.started_at else None

    @property
    def is_over(self) -> bool:
        return self.run.finished_at is not None

    @property
    def worked(self) -> dt.timedelta | None:
        """The working time of all workers together, where it was measured."""
        return dt.timedelta(seconds=self.run.seconds) if self.run.seconds else None

    @property
    def failed(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.failed)

    @property
    def is_stopped(self) -> bool:
        return self.run.state == Run.State.STOPPED


@dataclass(frozen=True)
class Counted:
    """Of one day: accounts with a score, those of them that are unknown, and those whose band is another than the day
    before, some of them named."""

    scored: int = 0
    unknown: int = 0
    changed: int = 0
    turned: tuple[Transition, ...] = ()

    @property
    def kept(self) -> int:
        return self.scored - self.changed

    @property
    def more(self) -> int:
        return self.changed - len(self.turned)


@dataclass(frozen=True)
class Night:
    """One day with its passes, the newest first. `since` is the first of the days before it of which all is the same."""

    day: dt.date
    passes: tuple[Pass, ...]
    counted: Counted
    late: tuple[str, ...]
    since: dt.date | None = field(default=None, compare=False)

    @property
    def newest(self) -> Pass:
        return self.passes[0]

    @property
    def before(self) -> dt.date:
        return self.day - dt.timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.day - (self.since or self.day)).days + 1

    @property
    def took(self) -> dt.timedelta | None:
        return self._together([one.took for one in self.passes])

    @property
    def worked(self) -> dt.timedelta | None:
        return self._together([one.worked for one in self.passes])

    @staticmethod
    def _together(spans: Iterable[dt.timedelta | None]) -> dt.timedelta | None:
        known = [span for span in spans if span is not None]
        return sum(known, dt.timedelta()) if known else None

    @property
    def failed(self) -> tuple[Entry, ...]:
        return self.newest.failed

    @property
    def outcome(self) -> object:
        """What it came to, in a form that is the same for nights of which nothing is to be told apart; one in which anything
        happened, or was measured, is like no other."""
        if self.counted.changed or self.failed or self.worked or not self.newest.is_over or self.newest.is_stopped:
            return self.day
        return self.newest.run.which, self.counted.scored, self.counted.unknown, self.late


@dataclass(frozen=True)
class Page:
    """So many nights, newest first. `earlier` is the day before which there are more."""

    nights: tuple[Night, ...]
    earlier: dt.date | None

    @property
    def shows_took(self) -> bool:
        return any(night.took for night in self.nights)

    @property
    def shows_work(self) -> bool:
        return any(night.worked for night in self.nights)

    @property
    def shows_failed(self) -> bool:
        return any(night.failed for night in self.nights)

    @property
    def shows_late(self) -> bool:
        return any(night.late for night in self.nights)


def stopped() -> list[Pass]:
    """The passes that wait for somebody to mend what stopped them, newest day first."""
    return [Pass(run, _entries(run)) for run in Run.objects.filter(state=Run.State.STOPPED)]


def page(before: dt.date | None = None) -> Page:
    """The latest nights, or those before a day."""
    runs = Run.objects.order_by("-day", "-which")
    found = list((runs.filter(day__lt=before) if before else runs)[: 2 * NIGHTS + 1])
    by_day = [(day, tuple(Pass(run, _entries(run)) for run in of_day)) for day, of_day in groupby(found, _day)]
    shown = by_day[:NIGHTS]
    days = [day for day, _ in shown]
    counted, late = _counted(days), _late(days)
    nights = [Night(day, passes, counted.get(day, Counted()), late[day]) for day, passes in shown]
    return Page(tuple(_folded(nights)), days[-1] if len(by_day) > NIGHTS else None)


def _day(run: Run) -> dt.date:
    return run.day


def _folded(nights: Sequence[Night]) -> Iterable[Night]:
    """Nights one after the other that came to the same, as one."""
    for _, same in groupby(nights, key=lambda night: night.outcome):
        newest, *older = same
        yield Night(newest.day, newest.passes, newest.counted, newest.late, older[-1].day if older else None)


def _counted(days: Sequence[dt.date]) -> Mapping[dt.date, Counted]:
    changed: dict[dt.date, list[Transition]] = {}
    for turn in _turned(days):
        changed.setdefault(turn.day, []).append(turn)
    found = Snapshot.objects.filter(day__in=days).order_by().values_list("day")
    return {
        day: Counted(scored, unknown, _among(changed.get(day, ())), tuple(changed.get(day, ())))
        for day, scored, unknown in found.annotate(scored=Count("account"), unknown=Count("account", UNKNOWN))
    }


def _among(turned: Sequence[Any]) -> int:
    return turned[0].among if turned else 0


UNKNOWN = Q(effective=Band.UNKNOWN)


def _turned(days: Sequence[dt.date]) -> Iterable[Transition]:
    """Who changed band on these days, the worst first; `among` counts all of a day, of whom not all are here."""
    places = [When(after=band, then=Value(place)) for place, band in enumerate(WORST_FIRST)]
    worst = Case(*places, output_field=IntegerField())
    found = Transition.objects.filter(day__in=days, kind=Transition.Kind.BAND).annotate(
        among=Window(Count("pk"), partition_by=F("day")),
        place=Window(RowNumber(), partition_by=F("day"), order_by=[worst, F("account__name")]),
    )
    return found.filter(place__lte=NAMED).select_related("account").order_by("-day", "place")


def _late(days: Sequence[dt.date]) -> Mapping[dt.date, tuple[str, ...]]:
    """The streams that were silent in each night, as was told then."""
    if not days:
        return {}
    told = Alert.objects.filter(kind=Alert.Kind.SOURCE_SILENT, day__lte=days[0])
    told = told.filter(Q(ended_at=None) | Q(ended_at__date__gt=days[-1])).select_related("stream__source")
    return {day: tuple(sorted({_named(one) for one in told if _silent_on(one, day)})) for day in days}


def _silent_on(alert: Alert, day: dt.date) -> bool:
    return alert.day <= day and (alert.ended_at is None or calendar.day_of(alert.ended_at) > day + dt.timedelta(days=1))


def _named(alert: Alert) -> str:
    return f"{alert.stream.kind} of {alert.stream.source}" if alert.stream else ""


def _entries(run: Run) -> tuple[Entry, ...]:
    """What failed first, then what took longest."""
    found = [
        Entry(_label(name), entry.get("seconds", 0.0), entry.get("rows"), entry.get("failed", 0))
        for name, entry in run.metrics.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.failed, -entry.seconds, entry.label)))


def _label(name: str) -> str:
    """A metric by its label; facts, or a metric that is no more, by their name."""
    try:
        return declare.get(name)[0].label
    except LookupError:
        return name
