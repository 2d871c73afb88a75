"""The course of a score over a span: its line, where the band turned, and what happened meanwhile."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, pairwise

from django.db.models import Case, Q, When

from accounts.models import Account
from health import words
from health.causes import Judge, MainCause, Stands, judges
from health.charts import events
from health.charts.contract import Contract
from health.charts.lane import Event
from health.charts.spans import DAY, Period
from health.charts.thin import thinned
from health.models import ScorecardVersion, Snapshot
from health.scoring.card import Band

# Over more days without a score than this the line breaks off.
BRIDGED = 7
# So many days are shown before the last one, however young the score.
LEAST = 13
# What a score moved by as shown is told with its cause.
LEAST_MOVED = 0.1


@dataclass(frozen=True)
class Move:
    """What a score did since the last day that is told before it, and what did most of that."""

    since: dt.date
    day: dt.date
    by: float
    cause: MainCause


@dataclass(frozen=True)
class Point:
    """A day that was scored, perhaps without a score. `band` is the one that counted, after guards and overrides."""

    day: dt.date
    score: float | None
    band: Band
    version: int
    scored: Band
    computed: Band

    @property
    def is_held(self) -> bool:
        return self.band != self.computed

    @property
    def is_capped(self) -> bool:
        return self.computed != self.scored


@dataclass(frozen=True)
class Zone:
    """The edges of the bands, from a day on."""

    first: dt.date
    yellow: float
    green: float


@dataclass(frozen=True)
class Row:
    """A day of the table, with the touchpoints since the one before. `turn`: how the band became another one."""

    day: dt.date
    point: Point | None
    events: tuple[Event, ...]
    touches: int
    turn: str = ""
    move: Move | None = None


@dataclass(frozen=True)
class History:
    """Every scored day of the period, earliest first, and what happened in it. `touches`: a day for each touchpoint;
    `moves`: of the days that the chart says."""

    period: Period
    points: tuple[Point, ...]
    zones: tuple[Zone, ...]
    events: tuple[Event, ...]
    touches: tuple[dt.date, ...]
    moves: Mapping[dt.date, Move] = field(default_factory=dict)

    @cached_property
    def turned(self) -> dict[dt.date, str]:
        """Day → how the band became another one on it."""
        return {after.day: turn(before, after) for before, after in pairwise(self.points) if before.band != after.band}

    @cached_property
    def turns(self) -> tuple[Point, ...]:
        """Where the band became another one."""
        return tuple(after for before, after in pairwise(self.points) if before.band != after.band)

    @cached_property
    def last(self) -> Point | None:
        """The last day with a score."""
        return next((point for point in reversed(self.points) if point.score is not None), None)

    def lines(self) -> Iterator[list[Point]]:
        """The lines to draw, thinned out: one for each stretch of days with scores."""
        turns = {point.day for point in self.turns}
        keep = [place for place, point in enumerate(self.points) if point.day in turns]
        breaks = {after.day for before, after in pairwise(self.points) if (after.day - before.day) > BRIDGED * DAY}
        line: list[Point] = []
        for place in thinned([point.score for point in self.points], keep):
            point = self.points[place]
            if line and (point.score is None or any(line[-1].day < day <= point.day for day in breaks)):
                yield line
                line = []
            if point.score is not None:
                line.append(point)
        if line:
            yield line

    def rows(self) -> list[Row]:
        """The days of the table, newest first: regular ones, and whenever something turned or happened."""
        points = {point.day: point for point in self.points}
        happened = {day: tuple(found) for day, found in groupby(self.events, key=lambda event: event.day)}
        regular = {day for day in self.period.table_days if day in points} | {point.day for point in self.points[-1:]}
        days = sorted({*regular, *happened, *(point.day for point in self.turns)})
        begins = [self.period.first - DAY, *days]
        return [
            Row(
                day,
                points.get(day),
                happened.get(day, ()),
                sum(begin < touch <= day for touch in self.touches),
                self.turned.get(day, ""),
                self.moves.get(day),
            )
            for begin, day in reversed(list(zip(begins, days, strict=False)))
        ]


def turn(before: Point, after: Point) -> str:
    """`Green to yellow: the score went from 71.2 to 69.4`: what stands highest of all that made it."""
    return f"{words.band(before.band).capitalize()} to {words.band(after.band)}: {_cause(before, after)}"


def _cause(before: Point, after: Point) -> str:
    happened = (
        (after.is_held, "an override holds it"),
        (before.is_held, "the override ended"),
        (after.is_capped, "a guard applies"),
        (before.is_capped and before.scored == after.scored, "the guard lifted"),
        (after.scored == Band.UNKNOWN, "too little is read"),
        (before.scored == Band.UNKNOWN, "enough is read"),
        (before.version != after.version, "another scorecard"),
    )
    moved = f"the score went from {_shown(before)} to {_shown(after)}"
    return next((cause for is_so, cause in happened if is_so), moved)


def _shown(point: Point) -> str:
    return "none" if point.score is None else f"{words.as_shown(point.score):.1f}"


def history(account: Account, period: Period, contract: Contract) -> History:
    """Snapshots, versions, people who left, escalations, overrides and touchpoints, by one query each."""
    rows = _rows(account, period)
    points = tuple(
        Point(row.day, row.score, Band(row.effective), row.version_id, Band(row.scored), Band(row.computed))
        for row in rows
    )
    known = judges({row.version_id for row in rows})
    versions = {number: judge.version for number, judge in known.items()}
    happened = [
        *events.renewals(contract),
        *events.licenses(contract),
        *events.people(account, period),
        *events.escalations(account, period),
        *events.overrides(account),
        *events.versions(((point.day, point.version) for point in points), versions),
    ]
    period = _from_first(points, period)
    inside = sorted((event for event in happened if event.day in period), key=lambda event: event.day)
    return History(
        period, points, tuple(_zones(points, versions)), tuple(inside), tuple(events.touches(account, period)),
        dict(_moves([row for row in rows if row.readings], known)),
    )  # fmt: skip


def _rows(account: Account, period: Period) -> list[Snapshot]:
    """With readings where a chart says the day, which over long spans are few of many."""
    told = Q(day__in=period.read_days)
    found = Snapshot.objects.filter(account=account, day__gte=period.first, day__lte=period.last).order_by("day")
    names = ("day", "score", "effective", "version_id", "scored", "computed", "coverage")
    arrays = [Case(When(told, then=name)) for name in ("readings", "details")]
    return [
        Snapshot(account=account, **dict(zip((*names, "readings", "details"), row, strict=True)))
        for row in found.values_list(*names, *arrays)
    ]


def _moves(rows: Sequence[Snapshot], known: Mapping[int, Judge]) -> Iterator[tuple[dt.date, Move]]:
    stands = Stands.of(rows, known)
    for before, after in pairwise(rows):
        if before.score is not None and after.score is not None:
            cause = stands.cause(before, after, least=LEAST_MOVED)
            yield after.day, Move(before.day, after.day, words.movement(before.score, after.score), cause)


def _from_first(points: tuple[Point, ...], period: Period) -> Period:
    """The period from its first score on, where that is later; nothing is to be seen before. A fortnight at least."""
    first = points[0].day if points else period.first
    return replace(period, first=max(period.first, min(first, period.last - LEAST * DAY)))


def _zones(points: tuple[Point, ...], known: Mapping[int, ScorecardVersion]) -> Iterator[Zone]:
    """Where the bands begin, anew whenever another version says otherwise."""
    before: tuple[float, float] | None = None
    for point in points:
        version = known[point.version]
        edges = float(version.yellow), float(version.green)
        if edges != before:
            yield Zone(point.day, *edges)
        before = edges
