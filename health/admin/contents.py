"""What a version of a scorecard is made of, in words: groups and measures with their shares of the score, and guards."""

from collections.abc import Iterator
from dataclasses import dataclass

from health import scorecards, words
from health.models import Group, Measure, ScorecardVersion
from health.scoring.parts import largest_remainder


@dataclass(frozen=True)
class Line:
    """A measure: its name, its scale, when its reading is none, and its share of the score."""

    label: str
    scale: str
    limits: str
    share: str

    @property
    def said(self) -> str:
        return "; ".join(filter(None, (self.scale, self.limits)))


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
    blocks = []
    for group, shared in shared_out(parts):
        lines = tuple(_line(measure, share) for measure, share in shared)
        blocks.append(Block(group.label, percent(sum(share for _, share in shared)), lines))
    return Contents(tuple(blocks), tuple(map(scorecards.guard_in_words, parts.guards)))


def lines_of(parts: scorecards.Parts) -> dict[int, Line]:
    """Measure → its line."""
    return {measure.pk: _line(measure, share) for _, shared in shared_out(parts) for measure, share in shared}


def shared_out(parts: scorecards.Parts) -> list[tuple[Group, list[tuple[Measure, float]]]]:
    """Groups with their measures, each with its share in percent as it is shown: measures add up to their group, groups to
    the whole."""
    shares = scorecards.shares(parts)
    inside = [[measure for measure in parts.measures if measure.group_id == group.pk] for group in parts.groups]
    exact = [[shares[measure.pk] for measure in measures] for measures in inside]
    of_groups = largest_remainder([sum(each) for each in exact], 100.0 if any(map(sum, exact)) else 0.0)
    return [
        (group, list(zip(measures, largest_remainder(each, share), strict=True)))
        for group, measures, each, share in zip(parts.groups, inside, exact, of_groups, strict=True)
    ]


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
