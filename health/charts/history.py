"""The course of a score over a span: its line, where the band turned, and what happened meanwhile."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise

from accounts.models import Account
from health import words
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


@dataclass(frozen=True)
class History:
    """Every scored day of the period, earliest first, and what happened in it. `touches`: a day for each touchpoint."""

    period: Period
    points: tuple[Point, ...]
    zones: tuple[Zone, ...]
    events: tuple[Event, ...]
    touches: tuple[dt.date, ...]

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
        regular = {day for day in self.period.table_days if day in points}
        days = sorted({*regular, *happened, *(point.day for point in self.turns)})
        begins = [self.period.first - DAY, *days]
        turns = {after.day: turn(before, after) for before, after in pairwise(self.points) if before.band != after.band}
        return [
            Row(
                day,
                points.get(day),
                happened.get(day, ()),
                sum(begin < touch <= day for touch in self.touches),
                turns.get(day, ""),
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
    found = Snapshot.objects.filter(account=account, day__gte=period.first, day__lte=period.last).order_by("day")
    points = tuple(
        Point(day, score, Band(band), version, Band(scored), Band(computed))
        for day, score, band, version, scored, computed in found.values_list(
            "day", "score", "effective", "version_id", "scored", "computed"
        )
    )
    ids = {point.version for point in points}
    known = ScorecardVersion.objects.select_related("scorecard").in_bulk(ids)
    happened = [
        *events.renewals(contract),
        *events.licenses(contract),
        *events.people(account, period),
        *events.escalations(account, period),
        *events.overrides(account),
        *events.versions(((point.day, point.version) for point in points), known),
    ]
    period = _from_first(points, period)
    inside = sorted((event for event in happened if event.day in period), key=lambda event: event.day)
    return History(
        period, points, tuple(_zones(points, known)), tuple(inside), tuple(events.touches(account, period))
    )  # fmt: skip


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
