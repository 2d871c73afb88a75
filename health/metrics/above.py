"""Reading above the account: a CSM's book on a day, a segment, everything.

Each metric declares how. `facts`: what was counted for each account is added up, and the same formula is applied to that;
what does not add up, such as a median, is computed from the facts of all accounts together. Never an average of averages.
`share`: the percentage of accounts where it is true. `worst`: the worst account's, with the account. `median`: that of the
accounts' readings, and so labeled.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from health.metrics.cases import Cases, Ints, day_numbers
from health.metrics.declare import Above, Metric, Nothing
from health.metrics.read import Asked, Slot, slots, summed
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Frame, Shape
from health.scoring.card import State
from health.scoring.judge import Smalls
from health.scoring.scale import Floats

Reasons = list[tuple[NDArray[np.bool_], Smalls | State]]
# Of such an account nothing is known, or what is known cannot enter.
LEFT_OUT = (State.NOT_CONNECTED, State.NEVER, State.NOT_APPLICABLE, State.FAILED)


@dataclass(frozen=True)
class ReadAbove:
    """groups × asked. Where `states` say why there is no reading, `values` are NaN.

    `groups` are the ids given, in order. `counted`: of how many accounts the reading is, `held` of them by streams that are
    silent; `worst`: the account that a `worst` reading is of, else 0.
    """

    groups: Sequence[int]
    values: Floats
    states: Smalls
    n: Ints
    ages: Ints
    counted: Ints
    held: Ints
    worst: Ints


def read_above(asked: Sequence[Asked], cases: Cases, groups: Sequence[int], rules: Rules) -> ReadAbove:
    """Read all that is asked of groups of cases; `groups` is the id of each case's group."""
    assert len(groups) == len(cases)
    ids, place = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)
    size = (len(ids), len(asked))
    values = np.full(size, np.nan)
    states = np.full(size, State.NONE, dtype=np.int16)
    n, ages, counted, held, worst = (np.zeros(size, np.int64) for _ in range(5))
    pool = _Pool(cases, place, len(ids), rules)
    for slot in slots(asked, cases, rules) if len(cases) else ():
        found = pool.read(slot)
        into = np.s_[:, slot.number]
        values[into] = np.where(found.states < State.NOT_CONNECTED, found.values, np.nan)
        states[into], n[into], ages[into] = found.states, found.n, found.ages
        counted[into], held[into], worst[into] = found.counted, found.held, found.worst
    return ReadAbove([int(one) for one in ids], values, states, n, ages, counted, held, worst)


@dataclass(frozen=True)
class _Together:
    """One reading of all groups."""

    values: Floats
    states: Smalls
    n: Ints
    ages: Ints
    counted: Ints
    held: Ints
    worst: Ints


class _Pool:
    """Cases in groups. `place` is the number of each case's group, from 0."""

    def __init__(self, cases: Cases, place: NDArray[np.intp], size: int, rules: Rules) -> None:
        self.cases, self.place, self.size, self.rules = cases, place, size, rules
        self._computed: dict[tuple[object, ...], dict[Column, Floats]] = defaultdict(dict)

    def read(self, slot: Slot) -> _Together:
        return self._facts(slot) if slot.asked.metric.above == Above.FACTS else self._accounts(slot)

    def _sum(self, numbers: Floats, where: NDArray[np.bool_]) -> Floats:
        found = np.bincount(self.place[where], weights=numbers[where], minlength=self.size)
        return np.asarray(found, dtype=np.float64)

    def _count(self, where: NDArray[np.bool_]) -> Ints:
        return np.bincount(self.place[where], minlength=self.size).astype(np.int64)

    def _extreme(self, numbers: Floats, where: NDArray[np.bool_], most: bool, empty: float) -> Floats:
        """The greatest or the least of each group."""
        found = np.full(self.size, -np.inf if most else np.inf)
        (np.maximum if most else np.minimum).at(found, self.place[where], numbers[where])
        return np.where(np.isinf(found), empty, found)

    def _facts(self, slot: Slot) -> _Together:
        one, shape, frame = slot.asked, slot.shape, slot.frame
        part = shape.part(frame)
        of = np.ones(len(part)) if shape.of is None else shape.of(frame)
        enters = self._enters(slot)
        if all(column.additive for column in shape.columns):
            enters &= np.isfinite(part) & ((of > 0) | (of == 0) & (shape.dead is not None))
            whole = None if shape.of is None else self._sum(of, enters)
            values = shape.values(self._sum(part, enters), whole)
            if shape.dead is not None:
                sums = {column: self._sum(np.nan_to_num(frame[column]), enters) for column in shape.columns}
                values = _or_dead(shape, values, self._frame(slot, sums))
        else:
            values = self._of_facts_together(slot, enters)
        n = self._sum(slot.found.n.astype(np.float64), enters).astype(np.int64)
        counted = self._count(enters)
        ages = self._ages(slot, enters)
        lived = self._extreme(frame.lived, enters, most=True, empty=0.0)
        reasons: Reasons = [(counted == 0, self._usual(slot))]
        if one.metric.nothing == Nothing.MISSING:
            reasons += [(n == 0, State.NONE), (n < (one.min_n or one.metric.min_n), State.TOO_FEW)]
            if one.metric.is_opinion and one.max_age_days is not None:
                reasons.append((ages > one.max_age_days, State.STALE))
        reasons += [
            (lived < one.days_needed, State.TOO_YOUNG),
            (np.isnan(values), State.NOT_APPLICABLE),
            (~np.isfinite(values), State.FAILED),
        ]
        return _Together(
            values,
            self._states(slot, enters, reasons),
            n,
            ages,
            counted,
            self._count(enters & (_held(slot, self.rules) > 0)),
            np.zeros(self.size, np.int64),
        )

    def _enters(self, slot: Slot) -> NDArray[np.bool_]:
        """Whose facts are taken together. Too few or too old alone may be enough together; a comparison needs its windows."""
        metric, shape = slot.asked.metric, slot.shape
        enters = ~np.isin(slot.states, LEFT_OUT)
        if metric.needs_both_windows or metric.needs_start:
            enters &= slot.frame.lived >= slot.asked.days_needed
        if shape.not_applicable is not None:
            enters &= ~shape.not_applicable(slot.frame).astype(np.bool_)
        return np.asarray(enters, dtype=np.bool_)

    def _of_facts_together(self, slot: Slot, enters: NDArray[np.bool_]) -> Floats:
        """The formula over columns that the database computes of each group's facts."""
        if not enters.any():
            return np.full(self.size, np.nan)
        chosen = np.flatnonzero(enters).tolist()
        days, born = slot.frame.days, slot.frame.born
        key = (tuple(days), enters.tobytes())
        columns = self._computed[key]
        wanted = [column for column in slot.shape.columns if column not in columns]
        if wanted:
            known_at = self.cases.known_at
            some = replace(
                self.cases,
                accounts=[self.cases.accounts[index] for index in chosen],
                days=[days[index] for index in chosen],
                known_at=None if known_at is None else [known_at[index] for index in chosen],
            )
            places = [int(self.place[index]) for index in chosen]
            found = summed(wanted, some, [born[index] for index in chosen], self.rules, places)
            columns |= {column: _padded(numbers, column, self.size) for column, numbers in found.items()}
        frame, shape = self._frame(slot, columns), slot.shape
        values = shape.values(shape.part(frame), None if shape.of is None else shape.of(frame))
        return _or_dead(shape, values, frame)

    def _frame(self, slot: Slot, columns: dict[Column, Floats]) -> Frame:
        """Groups as cases: as of their last day, from their oldest account's beginning."""
        everyone = np.ones(len(self.cases), dtype=np.bool_)
        ends = self._extreme(day_numbers(slot.frame.days).astype(np.float64), everyone, most=True, empty=1.0)
        starts = self._extreme(day_numbers(slot.frame.born).astype(np.float64), everyone, most=False, empty=1.0)
        days, born = ([dt.date.fromordinal(int(one)) for one in numbers] for numbers in (ends, starts))
        return Frame(columns, ends - starts + 1, days, born, self.rules)

    def _accounts(self, slot: Slot) -> _Together:
        """A reading of the accounts' readings."""
        metric, values = slot.asked.metric, slot.found.values
        counts = slot.states < State.NOT_CONNECTED
        counted = self._count(counts)
        worst = np.zeros(self.size, np.int64)
        if metric.above == Above.SHARE:
            true = self._sum((values != 0).astype(np.float64), counts)
            found = np.divide(100 * true, counted, out=np.full(self.size, np.nan), where=counted > 0)
        elif metric.above == Above.MEDIAN:
            found = self._median(values, counts)
        else:
            found = self._extreme(values, counts, most=is_worse_when_more(metric), empty=np.nan)
            for index in np.flatnonzero(counts & (values == found[self.place]))[::-1]:
                worst[self.place[index]] = self.cases.accounts[index]
        return _Together(
            found,
            self._states(slot, counts, [(counted == 0, self._usual(slot))]),
            counted,
            self._ages(slot, counts),
            counted,
            self._count(counts & (_held(slot, self.rules) > 0)),
            worst,
        )

    def _median(self, values: Floats, where: NDArray[np.bool_]) -> Floats:
        found = np.full(self.size, np.nan)
        for group in np.unique(self.place[where]):
            found[group] = np.median(values[where & (self.place == group)])
        return found

    def _usual(self, slot: Slot) -> Smalls:
        """The most frequent state of each group's cases, of equally frequent ones the first."""
        counts = np.zeros((self.size, max(State) + 1), np.int64)
        np.add.at(counts, (self.place, slot.states), 1)
        counts[:, : State.NOT_CONNECTED] = 0
        usual = np.where(counts.any(axis=1), counts.argmax(axis=1), State.NOT_APPLICABLE)
        return np.asarray(usual, dtype=np.int16)

    def _states(self, slot: Slot, where: NDArray[np.bool_], reasons: Reasons) -> Smalls:
        """Why a group has no reading; held only where all of it is."""
        state = self._extreme(_held(slot, self.rules), where, most=False, empty=0.0).astype(np.int16)
        chosen = np.select([mask for mask, _ in reasons], [np.asarray(why, np.int16) for _, why in reasons], state)
        return np.asarray(chosen, dtype=np.int16)

    def _ages(self, slot: Slot, where: NDArray[np.bool_]) -> Ints:
        """Of opinions the age of the newest, of all else that of the stream furthest behind."""
        ages = slot.found.ages.astype(np.float64)
        if slot.shape.newest is None:
            return self._extreme(ages, where, most=True, empty=0.0).astype(np.int64)
        return self._extreme(ages, where & (slot.found.n > 0), most=False, empty=0.0).astype(np.int64)


def is_worse_when_more(metric: Metric) -> bool:
    """Whether the points of the metric's own scale fall."""
    return metric.scale.points[0] > metric.scale.points[-1]


def _held(slot: Slot, rules: Rules) -> Floats:
    """How the streams of each case stand: 0 alive, 1 silent and held, 2 held too long. Opinions are never held."""
    nights = slot.hearing.nights
    if slot.asked.metric.is_opinion:
        return np.zeros(len(nights))
    return np.where(
        nights > rules.hold_days, State.HELD_TOO_LONG, np.where(nights > 0, State.HELD, State.FRESH)
    ).astype(np.float64)


def _or_dead(shape: Shape, values: Floats, frame: Frame) -> Floats:
    """The dead value where there is nothing to divide by because nobody is there."""
    return values if shape.dead is None else np.where(np.isnan(values), shape.dead(frame), values)


def _padded(numbers: Floats, column: Column, size: int) -> Floats:
    """With groups at the end of which no case entered."""
    return np.concatenate([numbers, np.full(size - len(numbers), column.empty)])
