"""Parts that add up: contributions to a score, and what moved it between two days."""

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from health.scoring.card import Card, effective_weights
from health.scoring.judge import Readings, measure_points, rounded, scores
from health.scoring.scale import Floats


def contributions(effective: Floats, points: Floats) -> Floats:
    """What each measure adds to the score, `e · p`; 0 for one without points."""
    return effective * np.nan_to_num(points)


def lost(effective: Floats, points: Floats) -> Floats:
    """What each measure keeps from the score, `e · (100 − p)`: its share of 100 that it does not add."""
    return effective * (100 - np.nan_to_num(points))


def shown_contributions(effective: Floats, points: Floats) -> list[float]:
    """The contributions of one case, rounded so that they add up to the score as shown. All 0 without a score."""
    parts = contributions(effective, points)
    return largest_remainder(parts.tolist(), float(rounded(parts.sum())))


def shown_lost(effective: Floats, points: Floats) -> list[float]:
    """What each measure of one case keeps from the score, rounded so that score and lost add up to 100 as shown."""
    score = float(rounded(contributions(effective, points).sum()))
    parts = lost(effective, points)
    return largest_remainder(parts.tolist(), 100 - score if parts.any() else 0.0)


def largest_remainder(parts: Sequence[float], whole: float, decimals: int = 1) -> list[float]:
    """The parts rounded so that they add up to `whole` as shown: each to its floor, and the units that are then missing
    to those that lost most by it. Ties go to the earlier part."""
    if not parts:
        return []
    unit = 10**decimals
    scaled = [part * unit for part in parts]
    floors = [math.floor(part + 1e-9) for part in scaled]
    by_loss = sorted(range(len(parts)), key=lambda index: round(floors[index] - scaled[index], 9))
    each, left_over = divmod(round(whole * unit) - sum(floors), len(parts))
    for turn, index in enumerate(by_loss):
        floors[index] += each + (turn < left_over)
    return [floor / unit for floor in floors]


class Cause(enum.StrEnum):
    """Why a score is another one than on an earlier day, in the order in which the causes are told apart."""

    LATE_DATA = "late data"
    BEHAVIOR = "behavior"
    COVERAGE = "coverage"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Part:
    """So much of the change for this cause, by these measures (keys): one measure, but for coverage all that came or
    went. `value` is exact, `shown` rounded so that the parts add up to the change as shown."""

    cause: Cause
    measures: tuple[str, ...]
    value: float
    shown: float


@dataclass(frozen=True, slots=True)
class Change:
    """From one stored score to a later one. `value` is exact, `shown` the difference of the two scores as shown."""

    value: float
    shown: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one case stood under one card: by measure key its points (NaN where none) and effective weights."""

    keys: tuple[str, ...]
    points: Floats
    effective: Floats
    score: float

    def of(self, keys: Sequence[str]) -> tuple[Floats, Floats]:
        """Points and effective weights of those measures; none, and 0, for a measure that is not on the card."""
        own = {key: index for index, key in enumerate(self.keys)}
        points, effective = np.full(len(keys), np.nan), np.zeros(len(keys))
        for index, key in enumerate(keys):
            if key in own:
                points[index], effective[index] = self.points[own[key]], self.effective[own[key]]
        return points, effective


def standing(card: Card, readings: Readings) -> Standing:
    """How the single case in `readings` stands under a card."""
    return standings(card, readings)[0]


def standings(card: Card, readings: Readings) -> list[Standing]:
    """How each case in `readings` stands under a card."""
    points = measure_points(card, readings)
    effective = effective_weights(card, ~np.isnan(points))
    keys = tuple(measure.key for measure in card.measures)
    found = zip(points, effective, scores(effective, points).tolist(), strict=True)
    return [Standing(keys, own, weights, score) for own, weights, score in found]


def change(earlier: Standing, known: Standing, moved: Standing, later: Standing) -> Change | None:
    """What moved the score of one case from an earlier to a later day, each step changing one thing.

    `earlier`: the earlier day as stored. `known`: the same day as known when the later one was judged; the step is late
    data. `moved`: the later day under the earlier day's configuration; behavior, and coverage. `later`: the later day as
    stored; configuration. None where one of the days has no score. A standing in between that has none is passed over:
    what it would have told apart counts for the step after it.
    """
    if math.isnan(earlier.score) or math.isnan(later.score):
        return None
    exact: list[tuple[Cause, tuple[str, ...], float]] = []
    before = earlier
    for cause, after in ((Cause.LATE_DATA, known), (Cause.BEHAVIOR, moved), (Cause.CONFIGURATION, later)):
        if after is not before and not math.isnan(after.score):
            exact += _told_apart(cause, before, after)
            before = after
    shown = round(_shown(later.score) - _shown(earlier.score), 1)
    parts = zip(exact, largest_remainder([value for *_, value in exact], shown), strict=True)
    return Change(
        later.score - earlier.score,
        shown,
        tuple(Part(cause, measures, value, rounded_value) for (cause, measures, value), rounded_value in parts),
    )


def step(before: Standing, after: Standing) -> tuple[list[str], Floats, Floats]:
    """What each measure moved from one standing to another, by its points and by its weight. Both need a score.

    With `s`, `s'` the unrounded scores at the two ends and `c = (s + s') / 2`, a measure moved it by points
    `(p' − p)(e + e') / 2` and by weight `(e' − e)((p + p') / 2 − c)`; all of it adds up to `s' − s`. A measure without
    points at one end takes those of the other, so that coming or going is a matter of weight alone.
    """
    keys = list(dict.fromkeys(before.keys + after.keys))
    (p, e), (p2, e2) = before.of(keys), after.of(keys)
    p, p2 = np.where(np.isnan(p), p2, p), np.where(np.isnan(p2), p, p2)
    p, p2 = np.nan_to_num(p), np.nan_to_num(p2)
    center = (before.score + after.score) / 2
    return keys, (p2 - p) * (e + e2) / 2, (e2 - e) * ((p + p2) / 2 - center)


def _told_apart(cause: Cause, before: Standing, after: Standing) -> list[tuple[Cause, tuple[str, ...], float]]:
    """The parts of one step, without those of measures that moved nothing: by measure, but coverage is one line."""
    keys, by_points, by_weight = step(before, after)
    if cause != Cause.BEHAVIOR:
        return [
            (cause, (key,), value) for key, value in zip(keys, (by_points + by_weight).tolist(), strict=True) if value
        ]
    moved: list[tuple[Cause, tuple[str, ...], float]] = [
        (cause, (key,), value) for key, value in zip(keys, by_points.tolist(), strict=True) if value
    ]
    if by_weight.any():
        (_, e), (_, e2) = before.of(keys), after.of(keys)
        came_or_went = tuple(key for key, one, other in zip(keys, e, e2, strict=True) if (one > 0) != (other > 0))
        moved.append((Cause.COVERAGE, came_or_went, float(by_weight.sum())))
    return moved


def _shown(score: float) -> float:
    return float(rounded(np.asarray(score)))
