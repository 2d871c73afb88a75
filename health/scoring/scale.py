"""A scale puts a reading on 0–100 points: anchors, linear between them, clamped outside."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Below this a difference in points is an artifact of floating-point arithmetic.
TINY = 1e-9


class BadScale(ValueError):
    """A scale that cannot be; the message says why."""


def plain(number: float) -> str:
    """A number as a person writes it: all the digits that it has, and no `.0`."""
    return repr(float(number)).removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Scale:
    """Anchors with strictly increasing values. Falling points mean that lower is better; there is no direction flag.

    Raises BadScale where the anchors are none.
    """

    values: tuple[float, ...]
    points: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.points):
            raise BadScale("A scale has as many points as values.")
        if len(self.values) < 2:
            raise BadScale("A scale needs at least two anchors, such as 0:0, 100:100.")
        for number in (*self.values, *self.points):
            if not math.isfinite(number):
                raise BadScale(f"The anchors of a scale are plain numbers, and “{plain(number)}” is none.")
        for before, after in pairwise(self.values):
            if after <= before:
                raise BadScale(
                    f"The values of a scale rise from anchor to anchor, but {plain(after)} comes after {plain(before)}."
                )
        if math.isinf(self.values[-1] - self.values[0]):
            raise BadScale("The values of this scale are too far apart to calculate with.")
        for points in self.points:
            if not 0 <= points <= 100:
                raise BadScale(f"Points lie between 0 and 100, and {plain(points)} does not.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `0:0, 31:40, 50:70, 80:100`. Raises BadScale."""
        if not text.strip():
            raise BadScale("A scale needs at least two anchors, such as 0:0, 100:100.")
        values, points = [], []
        for anchor in text.split(","):
            if not anchor.strip():
                raise BadScale("There is a comma with no anchor beside it.")
            value, _, at = anchor.partition(":")
            try:
                values.append(float(value))
                points.append(float(at))
            except ValueError:
                raise BadScale(
                    f"“{anchor.strip()}” is not an anchor; write a value, a colon and its points, such as 40:70."
                ) from None
        return cls(tuple(values), tuple(points))

    def __str__(self) -> str:
        """The text that `parse` reads back to the same scale, to the last digit."""
        return ", ".join(f"{plain(value)}:{plain(at)}" for value, at in zip(self.values, self.points, strict=True))

    def at(self, readings: Floats) -> Floats:
        """The points of readings of any shape; NaN where there is no reading.

        Exact at the anchors, and between two of them never outside of what they have nor out of order, to the last bit.
        """
        values, points = np.asarray(self.values), np.asarray(self.points)
        ends = np.append(points[1:], points[-1])
        inside = np.clip(readings, values[0], values[-1])
        # The last anchor is a span of its own, in which nothing rises.
        span = np.searchsorted(values[1:], inside, side="right")
        share = (inside - values[span]) / np.append(np.diff(values), 1.0)[span]
        between = points[span] + (ends - points)[span] * share
        low, high = np.minimum(points, ends), np.maximum(points, ends)
        return np.asarray(np.clip(between, low[span], high[span]), dtype=np.float64)

    def best(self, low: float = -math.inf, high: float = math.inf, unit: float = 0.0) -> float:
        """The most points that a reading from `low` to `high` can have, in steps of `unit` from 0 (0: any reading).

        -inf where no reading is possible at all.
        """
        if low > high:
            return -math.inf
        possible = np.clip(self.values, low, high)
        if unit > 0:
            # Between two anchors points only rise or only fall, so the best is beside an anchor or an end.
            steps = possible / unit
            possible = np.concatenate([np.floor(steps + TINY), np.ceil(steps - TINY)]) * unit
            slack = TINY * unit
            possible = np.clip(possible[(low - slack <= possible) & (possible <= high + slack)], low, high)
        return float(self.at(possible).max(initial=-math.inf))

    def nearest(
        self, present: float, wanted: float, low: float = -math.inf, high: float = math.inf, unit: float = 0.0
    ) -> float | None:
        """The reading nearest to `present` that gives at least `wanted` points, from `low` to `high`.

        In steps of `unit` from 0 (0: any reading). None where no such reading gives them; one that is already enough is
        its own answer. It is never farther out than the scale's anchors, or the first step beyond.
        """
        found = self._nearest(present, wanted, low, high, unit)
        # What only floating-point arithmetic puts out of reach is within it.
        return self._nearest(present, wanted - TINY, low, high, unit) if found is None else found

    def _nearest(self, present: float, wanted: float, low: float, high: float, unit: float) -> float | None:
        candidates = []
        for start, end in self._enough(wanted):
            start, end = max(start, low), min(end, high)
            if start <= present <= end:
                return present
            reading = _toward(present, start, end, unit)
            if reading is not None:
                candidates.append(reading)
        return min(candidates, key=lambda reading: abs(reading - present), default=None)

    def _enough(self, wanted: float) -> Iterator[tuple[float, float]]:
        """From where to where a reading gives at least the wanted points: before, between and after the anchors."""
        if self.points[0] >= wanted - TINY:
            yield -math.inf, self.values[0]
        if self.points[-1] >= wanted - TINY:
            yield self.values[-1], math.inf
        for (left, low), (right, high) in pairwise(zip(self.values, self.points, strict=True)):
            if max(low, high) < wanted - TINY:
                continue
            if min(low, high) >= wanted - TINY:
                yield left, right
                continue
            share = min((wanted - low) / (high - low), 1.0)
            edge = left + (right - left) * max(share, 0.0)
            yield (edge, right) if high > low else (left, edge)


def _toward(present: float, start: float, end: float, unit: float) -> float | None:
    """The possible reading from `start` to `end` that is nearest to `present`, which lies outside."""
    if start > end:
        return None
    edge = start if present < start else end
    if unit <= 0:
        return edge
    steps = math.ceil(edge / unit - TINY) if present < start else math.floor(edge / unit + TINY)
    reading, slack = steps * unit, TINY * unit
    return min(max(reading, start), end) if start - slack <= reading <= end + slack else None
