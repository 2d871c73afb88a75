"""The lane of events under a chart: where marks and labels stand so that no label covers another.

Labels stand beside their marks on two rows. What finds no room on either shares a mark with its neighbor and is counted.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

RADIUS = 3.5
BESIDE = 4.0
APART = 8.0
ROWS = 2
# Labels as wide as words of this length are at the most: by letter, and for capitals and wide ones among them.
LETTER, MORE = 5.4, 10.0
# How many ways to go on are looked into at a time.
WORTH = 8


@dataclass(frozen=True)
class Event:
    """Something that happened on a day: in a word or two, and in full. Of one day the first stands for all."""

    day: dt.date
    label: str
    says: str


@dataclass(frozen=True)
class Mark:
    """A circle in the lane and what it stands for. `at`, `first` and `last` are lengths from the left."""

    events: tuple[Event, ...]
    first: float
    last: float
    row: int = 0
    label: str = ""
    before: bool = False

    @property
    def at(self) -> float:
        return (self.first + self.last) / 2

    @property
    def left(self) -> float:
        return self.first - RADIUS - (self._beside if self.before else 0)

    @property
    def right(self) -> float:
        return self.last + RADIUS + (0 if self.before else self._beside)

    @property
    def _beside(self) -> float:
        return BESIDE + width_of(self.label) if self.label else 0


def width_of(label: str) -> float:
    return LETTER * len(label) + MORE


def lane(events: Sequence[Event], place: Callable[[dt.date], float], width: float) -> tuple[Mark, ...]:
    """The marks of the events on a lane of this width, from left to right."""
    days: dict[dt.date, list[Event]] = {}
    for event in events:
        days.setdefault(event.day, []).append(event)
    marks = [Mark(tuple(days[day]), place(day), place(day)) for day in sorted(days)]
    while True:
        laid = _laid(marks, width)
        if not isinstance(laid, int):
            return laid
        marks = _together(marks, laid)


@dataclass(frozen=True)
class _Laid:
    """Marks from the left on that have their places, where each row ends, and how far from ideal that is."""

    marks: tuple[Mark, ...] = ()
    ends: tuple[float, ...] = (-RADIUS - APART,) * ROWS
    cost: int = 0

    def take(self, mark: Mark, cost: int, width: float) -> "_Laid | None":
        """With one more mark; None where it has no room."""
        if mark.left < self.ends[mark.row] + APART or mark.right > width + RADIUS:
            return None
        ends = tuple(mark.right if row == mark.row else end for row, end in enumerate(self.ends))
        return _Laid((*self.marks, mark), ends, self.cost + cost)


def _laid(marks: Sequence[Mark], width: float) -> tuple[Mark, ...] | int:
    """The marks with their rows and labels; where that cannot be, the first for which there is no room."""
    found = [_Laid()]
    for number, mark in enumerate(marks):
        ways = list(_ways(mark))
        grown = [one.take(way, cost, width) for one in found for cost, way in ways]
        found = _best([one for one in grown if one is not None])
        if not found:
            return number if len(marks) > 1 else (mark,)
    return found[0].marks


def _best(found: list[_Laid]) -> list[_Laid]:
    """The few that are worth going on with: none of which another is better in everything."""
    kept: list[_Laid] = []
    for one in sorted(found, key=lambda one: (one.cost, one.ends)):
        if len(kept) < WORTH and not any(_covers(other, one) for other in kept):
            kept.append(one)
    return kept


def _covers(one: _Laid, other: _Laid) -> bool:
    return all(end <= there for end, there in zip(one.ends, other.ends, strict=True))


def _ways(mark: Mark) -> Iterator[tuple[int, Mark]]:
    """How a mark might be labeled, each with how far from ideal that is."""
    for worse, label in enumerate(_labels(mark.events)):
        for row in range(ROWS):
            for before in (False, True):
                yield 4 * worse + row + before, Mark(mark.events, mark.first, mark.last, row, label, before)


def _labels(events: Sequence[Event]) -> Iterator[str]:
    if len(events) == 1:
        yield events[0].label
        return
    if len({event.day for event in events}) == 1:
        yield f"{events[0].label} +{len(events) - 1}"
    yield f"{len(events)} events"
    yield str(len(events))


def _together(marks: Sequence[Mark], stuck: int) -> list[Mark]:
    """Let two neighbors be one: of those around the mark that found no room the two that span the least."""
    pairs = range(max(stuck - 2, 0), min(stuck + 1, len(marks) - 1))
    one = min(pairs, key=lambda number: marks[number + 1].last - marks[number].first)
    joined = Mark(marks[one].events + marks[one + 1].events, marks[one].first, marks[one + 1].last)
    return [*marks[:one], joined, *marks[one + 2 :]]
