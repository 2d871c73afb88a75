"""What a version of a scorecard is made of, in words: groups and measures with their shares of the score, and guards."""

from collections.abc import Iterator
from dataclasses import dataclass

from health import scorecards, words
from health.models import Guard, Measure, ScorecardVersion


@dataclass(frozen=True)
class Line:
    """A measure: its name, its scale, when its reading is none, and its share of the score."""

    label: str
    scale: str
    limits: str
    share: str


@dataclass(frozen=True)
class Block:
    """A group with its measures and its share of the score."""

    label: str
    share: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Contents:
    blocks: tuple[Block, ...]
    guards: tuple[str, ...]


def contents(version: ScorecardVersion) -> Contents:
    """Shares are those of a score for which everything has a reading."""
    parts = scorecards.parts_of(version)
    shares = scorecards.shares(parts)
    blocks = []
    for group in parts.groups:
        inside = [measure for measure in parts.measures if measure.group_id == group.pk]
        total = sum(shares[measure.pk] for measure in inside)
        lines = tuple(_line(measure, shares[measure.pk]) for measure in inside)
        blocks.append(Block(group.label, percent(total), lines))
    return Contents(tuple(blocks), tuple(map(_guard, parts.guards)))


def percent(share: float) -> str:
    return f"{share:.1f}{words.NBSP}%"


def _line(measure: Measure, share: float) -> Line:
    name = words.called(measure.metric, measure.window)
    return Line(name, words.scale(measure.metric, measure.scale), ", ".join(_limits(measure)), percent(share))


def _limits(measure: Measure) -> Iterator[str]:
    if measure.missing == Measure.MissingRule.COUNT:
        yield f"silence counts as {measure.points_when_missing:g} points"
    if measure.missing == Measure.MissingRule.REQUIRE:
        yield "without a reading the band is unknown"
    if measure.min_n is not None:
        yield f"n at least {measure.min_n}"
    if measure.max_age_days is not None:
        yield f"at most {measure.max_age_days}{words.NBSP}d old"
    if measure.min_days is not None:
        yield f"from {measure.min_days}{words.NBSP}d of life"


def _guard(guard: Guard) -> str:
    asked = words.asked_for(guard.metric, guard.window)
    return words.guard(guard, asked) if asked else str(guard)
