"""What a score is made with: a scorecard version as numbers, and the states that a reading can be in."""

import enum
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from health.scoring.scale import TINY, Floats, Scale

Bools = NDArray[np.bool_]


class Band(enum.IntEnum):
    """Worse is smaller, so that a cap is a minimum. Unknown is no place on that line."""

    UNKNOWN = 0
    RED = 1
    YELLOW = 2
    GREEN = 3


class State(enum.IntEnum):
    """How a reading stands. Under 10 it has a value that counts; from 10 it is missing, for the first reason that holds."""

    FRESH = 0
    HELD = 1
    HELD_TOO_LONG = 2
    NOT_CONNECTED = 10
    NEVER = 11
    NONE = 12
    TOO_FEW = 13
    STALE = 14
    TOO_YOUNG = 15
    NOT_APPLICABLE = 16
    FAILED = 17

    @property
    def is_missing(self) -> bool:
        return self >= State.NOT_CONNECTED


class Missing(enum.StrEnum):
    """What a measure does without a reading: leave its weight to others, count as some points, or make the band unknown.

    It counts as points for `never` and `none` only: silence means something, but a broken source never costs points.
    """

    IGNORE = "ignore"
    COUNT = "count"
    REQUIRE = "require"


class Comparison(enum.StrEnum):
    """How a guard's reading is compared with its value."""

    BELOW = "<"
    AT_MOST = "<="
    EQUAL = "="
    AT_LEAST = ">="
    ABOVE = ">"
    MISSING = "is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric on the scorecard. `key` is the metric with its window, and the same measure on another scorecard has the
    same; `slot` is the column of its reading, `group` the index of its group."""

    key: str
    slot: int
    group: int
    weight: float
    scale: Scale
    missing: Missing = Missing.IGNORE
    points_when_missing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Measures shown and weighted together."""

    key: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """When the reading in `slot` compares so with `value`, the band is at most `cap`.

    Once it holds it lets go only at `release`, where that is given: "under 20, until 22". `cap` is yellow or red.
    """

    key: str
    slot: int
    comparison: Comparison
    value: float = 0.0
    release: float | None = None
    cap: Band = Band.YELLOW


@dataclass(frozen=True)
class Card:
    """A scorecard version, as arithmetic sees it. `refusals` says whether it can be published."""

    groups: tuple[Group, ...]
    measures: tuple[Measure, ...]
    guards: tuple[Guard, ...] = ()
    green: float = 70.0
    yellow: float = 40.0
    margin: float = 2.0
    min_coverage: float = 0.5

    @cached_property
    def slots(self) -> NDArray[np.intp]:
        """Measure → column of its reading."""
        return np.asarray([measure.slot for measure in self.measures], dtype=np.intp)

    @cached_property
    def weights(self) -> Floats:
        """w of each measure, within its group."""
        return np.asarray([measure.weight for measure in self.measures], dtype=np.float64)

    @cached_property
    def group_weights(self) -> Floats:
        """W of each group."""
        return np.asarray([group.weight for group in self.groups], dtype=np.float64)

    @cached_property
    def nominal(self) -> Floats:
        """The effective weight of each measure when every measure is present."""
        every = np.ones((1, len(self.measures)), dtype=np.bool_)
        return effective_weights(self, every).ravel()


def effective_weights(card: Card, has_points: Bools) -> Floats:
    """cases × measures: the share of the score that each measure has; 0 for one that is not present, all 0 without any.

    `has_points` is cases × measures. `e = (W / Σ W of present groups) · (w / Σ w of present measures of the group)`: a
    missing measure's weight goes first to the present measures of its group, an absent group's to the other groups.
    """
    weights = np.where(has_points, card.weights, 0.0)
    in_group = sum_by_group(card, weights)
    group_weights = np.where(in_group > 0, card.group_weights, 0.0)
    whole = total(group_weights)[:, None]
    of_group = np.divide(group_weights, whole, out=np.zeros_like(group_weights), where=whole > 0)
    groups = [measure.group for measure in card.measures]
    of_measure = np.divide(weights, in_group[:, groups], out=np.zeros_like(weights), where=weights > 0)
    return of_group[:, groups] * of_measure


def outweighing(card: Card, effective: Floats) -> Bools:
    """cases × measures: whether a measure weighs over three times its nominal weight, so that a page shows both."""
    outweighs: Bools = effective > 3 * card.nominal + TINY
    return outweighs


def sum_by_group(card: Card, columns: Floats) -> Floats:
    """cases × measures summed to cases × groups."""
    sums = np.zeros((len(columns), len(card.groups)), order="F")
    for index, measure in enumerate(card.measures):
        sums[:, measure.group] += columns[:, index]
    return sums


def total(columns: Floats) -> Floats:
    """The sum of each row, added column by column.

    NumPy's own sums and products of matrices round differently for one row than for many. A score made again, alone or
    among a hundred thousand, is the same to the last bit.
    """
    sums = np.zeros(len(columns))
    for column in columns.T:
        sums += column
    return sums
