"""Path to green, or to yellow: what would have to be read for the score to get there, in the metrics' own units."""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from health.scoring.card import Band, Card, Measure, Missing, State, effective_weights
from health.scoring.judge import (
    Before,
    Readings,
    covered,
    guards_that_hold,
    judge,
    remembered,
    rounded,
    scores,
    targets,
)
from health.scoring.scale import TINY, Floats


class Moves(enum.StrEnum):
    """Whether a reading can be moved: by work, by waiting or one act, or not at all."""

    YES = "yes"
    TIME = "time"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What a reading can be: from `low` to `high`, in steps of `unit` from 0 (0: any number), and whether it moves.

    Of an account with 50 licenses, one person is a unit of 2 percent. `reach` is how far the people who look after one
    account can plausibly move it in a quarter, though never less than one unit: they meet every contact and have a ticket
    closed, but they turn no three detractors into promoters, and a path that asks for that leads nowhere.
    """

    low: float = -math.inf
    high: float = math.inf
    unit: float = 0.0
    moves: Moves = Moves.YES
    reach: float = math.inf

    def around(self, present: float) -> tuple[float, float, float]:
        """From where to where a reading can be brought from the present one, and its unit."""
        reach = max(self.reach, self.unit)
        return max(self.low, present - reach), min(self.high, present + reach), self.unit


UNMOVABLE = Domain(moves=Moves.NO)


@dataclass(frozen=True, slots=True)
class Move:
    """Bring a measure from one reading to another. `present` is None where silence counts as points.

    `gain` is what the score gains by it and `score` where it then stands, both unrounded. `guards` (indices) would then
    still hold the band under the one wanted.
    """

    measure: Measure
    present: float | None
    reading: float
    gain: float
    score: float
    guards: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A measure without a reading, and the one that it needs once it is read: at least, or at most, so much.

    `reading` is None where none would do, or where any would (`any_does`).
    """

    measure: Measure
    reading: float | None
    at_least: bool = True
    any_does: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """How to reach a score of `target`, of which the score as shown is `short`.

    `alone`: each movable measure with the one move that would do, None where even its best reading would not.
    `together`: the fewest moves that do it, or the most that can be done; `reaches` says which. `guards` (indices) would
    hold the band under the one wanted with those readings; where no move is needed, they are all that is in the way.
    `unread`: measures without a reading. `wanted`: of an unknown case, the measures to get read, instead of all else.
    """

    target: float
    short: float
    alone: tuple[tuple[Measure, Move | None], ...] = ()
    together: tuple[Move, ...] = ()
    reaches: bool = False
    guards: tuple[int, ...] = ()
    unread: tuple[Answer, ...] = ()
    wanted: tuple[Measure, ...] = ()


def path(card: Card, readings: Readings, before: Before, to: Band, domains: Mapping[str, Domain]) -> Path:
    """The path of the single case in `readings` to a band, yellow or green, as it would be judged tomorrow.

    `before` is what today was judged with. `domains` is by measure key; a measure that has none cannot be moved.
    """
    verdict = judge(card, readings, before)
    tomorrow = remembered(card, verdict, before)
    green, yellow = targets(card, tomorrow)
    target = float(green[0] if to == Band.GREEN else yellow[0])
    if verdict.scored[0] == Band.UNKNOWN:
        return Path(target, math.nan, wanted=_to_be_read(card, readings))
    way = _Way(card, verdict.points[0], verdict.effective[0], tomorrow, to, target, domains)
    score = float(verdict.score[0])
    if way.is_there(score):
        return Path(target, 0.0, reaches=True, guards=way.guards(readings))
    together = way.together(readings, score)
    return Path(
        target,
        round(target - float(rounded(verdict.score)[0]), 1),
        alone=tuple((card.measures[index], way.alone(index, readings, score)) for index in way.movable),
        together=together,
        reaches=bool(together) and way.is_there(together[-1].score),
        guards=together[-1].guards if together else way.guards(readings),
        unread=tuple(
            _answer(card, verdict.points, index, target, domains.get(measure.key, Domain()))
            for index, measure in enumerate(card.measures)
            if card.nominal[index] > 0 and np.isnan(verdict.points[0, index])
        ),
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """What stays the same on the way of one case. Moves leave the effective weights alone; each is from the points that
    its measure begins with."""

    card: Card
    points: Floats
    effective: Floats
    tomorrow: Before
    to: Band
    target: float
    domains: Mapping[str, Domain]

    @property
    def movable(self) -> list[int]:
        """The present measures that can be moved."""
        return [
            index
            for index, measure in enumerate(self.card.measures)
            if self.effective[index] > 0 and self.domains.get(measure.key, UNMOVABLE).moves != Moves.NO
        ]

    def is_there(self, score: float) -> bool:
        return bool(rounded(np.asarray(score)) >= self.target - TINY)

    def guards(self, readings: Readings) -> tuple[int, ...]:
        """The guards that hold with these readings and let the band be no better than one under the band wanted."""
        holds, _ = guards_that_hold(self.card, readings, self.tomorrow)
        return tuple(int(index) for index in np.flatnonzero(holds[0]) if self.card.guards[index].cap < self.to)

    def present(self, index: int, readings: Readings) -> float:
        """What a measure reads, or, where silence counts as points, a reading worth as many."""
        measure = self.card.measures[index]
        silent = bool(readings.missing[0, measure.slot])
        return _worth(measure, self.domains[measure.key]) if silent else float(readings.values[0, measure.slot])

    def gives(self, index: int, readings: Readings) -> float:
        """What a measure can still give to the score."""
        measure = self.card.measures[index]
        best = measure.scale.best(*self.domains[measure.key].around(self.present(index, readings)))
        return float(self.effective[index] * (best - self.points[index]))

    def alone(self, index: int, readings: Readings, score: float) -> Move | None:
        """The move that brings the score to the target, or None where even the measure's best reading does not."""
        wanted = self.points[index] + (self.target - score) / self.effective[index]
        move = self.move(index, float(wanted), readings, score)
        return move if move is not None and self.is_there(move.score) else None

    def move(self, index: int, wanted: float, readings: Readings, score: float) -> Move | None:
        """The move to the nearest reading with the wanted points, or with as many as can be."""
        measure = self.card.measures[index]
        silent = bool(readings.missing[0, measure.slot])
        present = self.present(index, readings)
        limits = self.domains[measure.key].around(present)
        reading = measure.scale.nearest(present, min(wanted, measure.scale.best(*limits)), *limits)
        if reading is None:
            return None
        gain = float(self.effective[index] * (measure.scale.at(np.asarray(reading)) - self.points[index]))
        guards = self.guards(_with(readings, measure, reading))
        return Move(measure, None if silent else present, reading, gain, score + gain, guards)

    def together(self, readings: Readings, score: float) -> tuple[Move, ...]:
        """The fewest moves: those that can give most, each to its best, the last one only as far as needed."""
        gives = {index: round(self.gives(index, readings), 9) for index in self.movable}
        order = sorted(
            (index for index in gives if gives[index] > 0),
            key=lambda index: (-gives[index], -round(float(self.effective[index]), 9), self.card.measures[index].key),
        )
        moves: list[Move] = []
        for index in order:
            last = self.alone(index, readings, score)
            move = last or self.move(index, 100.0, readings, score)
            if move is None:
                continue
            moves.append(move)
            if last is not None:
                break
            readings, score = _with(readings, move.measure, move.reading), move.score
        return tuple(moves)


def _with(readings: Readings, measure: Measure, value: float) -> Readings:
    """The same readings, but for one freshly read."""
    values, states = readings.values.copy(), readings.states.copy()
    values[:, measure.slot], states[:, measure.slot] = value, State.FRESH
    return Readings(values, states)


def _worst(measure: Measure, domain: Domain) -> float:
    """A reading with the fewest points."""
    possible = np.clip(measure.scale.values, domain.low, domain.high)
    return float(possible[measure.scale.at(possible).argmin()])


def _worth(measure: Measure, domain: Domain) -> float:
    """A reading that is worth what silence counts as: coming from the worst one, the first with so many points."""
    worst = _worst(measure, domain)
    found = measure.scale.nearest(worst, measure.points_when_missing, domain.low, domain.high)
    return worst if found is None else found


def _answer(card: Card, points: Floats, index: int, target: float, domain: Domain) -> Answer:
    """What a measure without points would have to read, once it is read, for the score to reach the target."""
    measure = card.measures[index]
    limits = domain.low, domain.high, domain.unit
    best = measure.scale.best(*limits)
    if math.isinf(best):
        return Answer(measure, None)
    points = points.copy()
    points[0, index] = best
    effective = effective_weights(card, ~np.isnan(points))
    score = scores(effective, points)
    if rounded(score)[0] < target - TINY:
        return Answer(measure, None)
    wanted = min(best, best + (target - float(score[0])) / float(effective[0, index]))
    worst = _worst(measure, domain)
    reading = measure.scale.nearest(worst, wanted, *limits)
    if reading is None or reading == worst:
        return Answer(measure, None, any_does=reading is not None)
    return Answer(measure, reading, at_least=reading > worst)


def _to_be_read(card: Card, readings: Readings) -> tuple[Measure, ...]:
    """For an unknown case: the required measures without a reading, then the heaviest until coverage suffices."""
    wanted: list[Measure] = []
    for measure in card.measures:
        if measure.missing == Missing.REQUIRE and readings.missing[0, measure.slot]:
            wanted.append(measure)
            readings = _with(readings, measure, measure.scale.values[0])
    weights = zip(card.nominal.tolist(), card.measures, strict=True)
    for _, measure in sorted(weights, key=lambda pair: (-round(pair[0], 9), pair[1].key)):
        if judge(card, readings, Before.nothing(card, 1)).scored[0] != Band.UNKNOWN:
            break
        read = _with(readings, measure, measure.scale.values[0])
        if covered(card, read)[0] > covered(card, readings)[0]:
            wanted.append(measure)
            readings = read
    return tuple(wanted)
