"""From readings to score, coverage and bands, for any number of cases at once: score → coverage → margin → guards → override.

The arithmetic is in float64 on the readings as stored. The score is kept as it is and rounded once; bands compare the
rounded number.
"""

import enum
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from health.scoring.card import (
    Band,
    Bools,
    Card,
    Comparison,
    Guard,
    Missing,
    State,
    effective_weights,
    sum_by_group,
    total,
)  # fmt: skip
from health.scoring.scale import TINY, Floats

Bytes = NDArray[np.int8]
Smalls = NDArray[np.int16]

# The band and the guards before are looked back to for as many days; older ones are as none.
LOOKS_BACK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Readings:
    """cases × slots: values and states. The value of a missing reading may be NaN, or what did not count.

    A reading that is not a finite number has failed.
    """

    values: Floats
    states: Smalls

    def __post_init__(self) -> None:
        broken = ~np.isfinite(self.values) & (self.states < State.NOT_CONNECTED)
        if broken.any():
            object.__setattr__(self, "states", np.where(broken, np.int16(State.FAILED), self.states))

    @property
    def missing(self) -> Bools:
        missing: Bools = self.states >= State.NOT_CONNECTED
        return missing

    @property
    def silent(self) -> Bools:
        """Where there is nothing to read because there was nothing. A source that is broken is not silent."""
        silent: Bools = (self.states == State.NEVER) | (self.states == State.NONE)
        return silent

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Before:
    """What was before, per case: the scored band that the margin looks back to (unknown where there is none, or where
    it is too old), the edges under which it was given, and (cases × guards) which guards held."""

    bands: Bytes
    guards: Bools
    green: Floats
    yellow: Floats

    @classmethod
    def nothing(cls, card: Card, cases: int) -> Self:
        return cls(
            np.zeros(cases, dtype=np.int8),
            np.zeros((cases, len(card.guards)), dtype=np.bool_),
            np.full(cases, card.green),
            np.full(cases, card.yellow),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Per case; `points` and `effective` per case and measure, `guards` per case and guard (those that hold),
    `not_judged` guards without a reading. `score` is NaN where there is none."""

    points: Floats
    effective: Floats
    score: Floats
    coverage: Floats
    scored: Bytes
    computed: Bytes
    guards: Bools
    not_judged: Bools


def judge(card: Card, readings: Readings, before: Before) -> Verdict:
    """Score and band every case."""
    points = measure_points(card, readings)
    effective = effective_weights(card, ~np.isnan(points))
    score = scores(effective, points)
    coverage = covered(card, readings)
    scored = scored_bands(card, score, coverage, lacks_required(card, readings), before)
    guards, not_judged = guards_that_hold(card, readings, before)
    return Verdict(points, effective, score, coverage, scored, capped(card, scored, guards), guards, not_judged)


def remembered(card: Card, verdict: Verdict, before: Before) -> Before:
    """What the next day looks back to: the last known scored band with the edges of its day, and today's guards.

    Guards and overrides leave no trace in it, nor does a night of unknown. How old the band is remains with the caller.
    """
    unknown = verdict.scored == Band.UNKNOWN
    return Before(
        np.where(unknown, before.bands, verdict.scored),
        verdict.guards,
        np.where(unknown, before.green, card.green),
        np.where(unknown, before.yellow, card.yellow),
    )


# Numbers that are compared and shown


def rounded(score: Floats) -> Floats:
    """Half up to one decimal. The last term makes it independent of the order of adding."""
    return np.floor(10 * score + 0.5 + 1e-9) / 10


def whole(score: Floats) -> Floats:
    """A score where a whole number is shown: the floor of the rounded one, so that it never shows 70 under 70."""
    return np.floor(rounded(score))


def whole_percent(coverage: Floats) -> Floats:
    """Coverage as it is shown: the floor, in percent, of the number that is compared."""
    return np.floor_divide(_four_decimals(coverage), 100)


def _tenths(numbers: Floats | float) -> Floats:
    """Numbers with one decimal as whole numbers, so that no artifact of floating point decides between equals."""
    return np.rint(np.multiply(10, numbers))


def _four_decimals(coverage: Floats | float) -> Floats:
    """Coverage in ten-thousandths, half up, as a whole number."""
    return np.floor(np.multiply(1e4, coverage) + 0.5 + 1e-9)


# Score and coverage


def measure_points(card: Card, readings: Readings) -> Floats:
    """cases × measures: points of the readings, P where silence counts as P, NaN where the measure has none."""
    # A measure's points lie side by side, since everything is done measure by measure.
    points = np.full((len(readings), len(card.measures)), np.nan, order="F")
    missing, silent = readings.missing, readings.silent
    for index, measure in enumerate(card.measures):
        at = measure.scale.at(readings.values[:, measure.slot])
        points[:, index] = np.where(missing[:, measure.slot], np.nan, at)
        if measure.missing == Missing.COUNT:
            points[silent[:, measure.slot], index] = measure.points_when_missing
    return points


def scores(effective: Floats, points: Floats) -> Floats:
    """Σ e · p of each case; NaN where no measure is present."""
    present = effective > 0
    score = total(np.where(present, effective * points, 0.0))
    return np.where(present.any(axis=1), np.clip(score, 0.0, 100.0), np.nan)


def covered(card: Card, readings: Readings) -> Floats:
    """Coverage, `Σ W · (Σ w covered / Σ w) / Σ W`: the share of the weight that was freshly read, is held not too long,
    or whose silence counts."""
    states = readings.states[:, card.slots]
    counts = np.asarray([measure.missing == Missing.COUNT for measure in card.measures], dtype=np.bool_)
    covers = (states == State.FRESH) | (states == State.HELD) | (readings.silent[:, card.slots] & counts)
    weights = sum_by_group(card, np.where(covers, card.weights, 0.0))
    whole = sum_by_group(card, card.weights[None, :])
    share = np.divide(weights, whole, out=np.zeros_like(weights), where=whole > 0)
    every = card.group_weights.sum()
    return total(share * card.group_weights) / every if every > 0 else np.zeros(len(readings))


def lacks_required(card: Card, readings: Readings) -> Bools:
    """Whether a required measure has no reading, whatever it weighs. One that is held has one."""
    required = [measure.slot for measure in card.measures if measure.missing == Missing.REQUIRE]
    return np.asarray(readings.missing[:, required].any(axis=1))


# Bands


def edges(card: Card, before: Before) -> tuple[Floats, Floats]:
    """Where green and yellow begin for each case: moved by the margin away from the band that it had.

    No margin where it had none, and none at an edge that has itself moved since. Yellow may then begin above green, and
    green needs both.
    """
    had = before.bands
    green = np.select([had == Band.GREEN, had == Band.UNKNOWN], [-card.margin, 0.0], card.margin)
    yellow = np.select([had == Band.RED, had == Band.UNKNOWN], [card.margin, 0.0], -card.margin)
    green = card.green + np.where(_tenths(before.green) == _tenths(card.green), green, 0.0)
    yellow = card.yellow + np.where(_tenths(before.yellow) == _tenths(card.yellow), yellow, 0.0)
    return _tenths(green) / 10, _tenths(yellow) / 10


def targets(card: Card, before: Before) -> tuple[Floats, Floats]:
    """The score that each case needs for green, and for yellow. With what is `remembered` of today as
    what was before: tomorrow."""
    green, yellow = edges(card, before)
    return np.maximum(green, yellow), yellow


def scored_bands(card: Card, score: Floats, coverage: Floats, lacking: Bools, before: Before) -> Bytes:
    """The band that the score alone gives; unknown without a score, without enough coverage or a required reading."""
    unknown = np.isnan(score) | (_four_decimals(coverage) < _four_decimals(card.min_coverage)) | lacking
    return np.where(unknown, Band.UNKNOWN, _bands(score, *edges(card, before))).astype(np.int8)


def _bands(score: Floats, green: Floats | float, yellow: Floats | float) -> Bytes:
    shown = _tenths(rounded(score))
    above = shown >= _tenths(yellow)
    bands = np.select([above & (shown >= _tenths(green)), above], [Band.GREEN, Band.YELLOW], Band.RED)
    return bands.astype(np.int8)


def margin_decides(card: Card, verdict: Verdict) -> Bools:
    """Whether a case would have another scored band without the margin: "held yellow: green from 72.0"."""
    plainly = _bands(verdict.score, card.green, card.yellow)
    decides: Bools = (verdict.scored != Band.UNKNOWN) & (verdict.scored != plainly)
    return decides


def guards_that_hold(card: Card, readings: Readings, before: Before) -> tuple[Bools, Bools]:
    """cases × guards: which hold, and which have no reading to judge by."""
    holds = np.zeros((len(readings), len(card.guards)), dtype=np.bool_)
    not_judged = np.zeros_like(holds)
    for index, guard in enumerate(card.guards):
        missing = readings.missing[:, guard.slot]
        if guard.comparison == Comparison.MISSING:
            holds[:, index] = missing
            continue
        release = guard.value if guard.release is None else guard.release
        thresholds = np.where(before.guards[:, index], release, guard.value)
        holds[:, index] = ~missing & _compares(guard, readings.values[:, guard.slot], thresholds)
        not_judged[:, index] = missing
    return holds, not_judged


def _compares(guard: Guard, values: Floats, thresholds: Floats) -> Bools:
    # 57 of 100, in percent, may be 56.99999999999999, and that is not under 57.
    equal = np.asarray(np.abs(values - thresholds) <= TINY * np.maximum(1.0, np.abs(thresholds)))
    below = np.asarray(~equal & (values < thresholds))
    match guard.comparison:
        case Comparison.BELOW:
            return below
        case Comparison.AT_MOST:
            return below | equal
        case Comparison.EQUAL:
            return equal
        case Comparison.AT_LEAST:
            return ~below
        case _:
            return ~(below | equal)


def capped(card: Card, scored: Bytes, guards: Bools) -> Bytes:
    """The computed band: the scored one under the guards that hold.

    Unknown stays unknown, except that *at most red* makes it red.
    """
    caps = np.asarray([guard.cap for guard in card.guards], dtype=np.int8)
    cap = np.where(guards, caps, np.int8(Band.GREEN)).min(axis=1, initial=np.int8(Band.GREEN))
    unknown = np.where(cap == Band.RED, np.int8(Band.RED), np.int8(Band.UNKNOWN))
    return np.where(scored == Band.UNKNOWN, unknown, np.minimum(scored, cap))


class Overrules(enum.IntEnum):
    """What an override stands above: what the band without it was owed to."""

    NOTHING = 0
    SCORE = 1
    GUARDS = 2
    UNKNOWN = 3


def overridden(scored: Bytes, computed: Bytes, override: Bytes) -> tuple[Bytes, Bytes]:
    """The effective band of each case, and what the override in force overrules (an `Overrules`).

    `override` is unknown where none is in force. One that names the computed band overrules nothing.
    """
    none = override == Band.UNKNOWN
    overrules = np.select(
        [none | (override == computed), computed == Band.UNKNOWN, computed != scored],
        [Overrules.NOTHING, Overrules.UNKNOWN, Overrules.GUARDS],
        Overrules.SCORE,
    )
    return np.where(none, computed, override), overrules.astype(np.int8)
