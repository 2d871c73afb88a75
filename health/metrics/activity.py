"""Usage read from bitmaps of active days: the same numbers as from the roll-ups themselves, from far fewer rows.

Bitmaps say what is known now. Where something about a block was learned after a case's moment, they cannot tell what was
known then, and the case is left to the roll-ups.
"""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.columns import fetch
from accounts.models.activity import BLOCK_DAYS
from health.metrics.cases import Cases, Ints, day_numbers
from health.metrics.rules import Rules
from health.scoring.scale import Floats

Bits = NDArray[np.uint64]
# The bits below the n-th, for n from 0 to 64.
_BELOW = np.asarray([(1 << n) - 1 for n in range(BLOCK_DAYS + 1)], dtype=np.uint64)


class Last(enum.Enum):
    """Which counts the last day is asked of: those by the day, those by the week where they reach beyond them, or both."""

    BY_DAY = enum.auto()
    BY_WEEK = enum.auto()
    EITHER = enum.auto()


@dataclass(frozen=True)
class Span:
    """Days to count in: `days` of them that end `until` before the case's day, or the last five that are worked on.

    Counted are distinct users or features; `working`: one by one, on each working day, by the day only; `last`: nothing is
    counted, and the number of the last day is what is wanted.
    """

    days: int
    until: int = 0
    working: bool = False
    recent: bool = False
    last: Last | None = None


@dataclass(frozen=True)
class Bitmaps:
    """A table of bitmaps, the column that says whose they are, and SQL: which of them count, and for which accounts they
    cannot tell at all."""

    table: str
    who: str
    where: str
    unsure: str = "false"


@dataclass(frozen=True)
class Blocks:
    """The blocks of all cases, those of one user or feature after each other. `case` and `starts` are positions."""

    case: Ints
    block: Ints
    days: Bits
    weeks: Bits
    starts: Ints


@dataclass(frozen=True)
class Told:
    """What a span says of each case, and of which cases bitmaps cannot tell it."""

    values: Floats
    unsure: NDArray[np.bool_]


def summed(
    bitmaps: Bitmaps, spans: Sequence[Span], cases: Cases, *, born: Sequence[dt.date], rules: Rules,
    given: Mapping[str, Any], head: str,
) -> tuple[list[Told], int]:  # fmt: skip
    """What each span says, and how many rows were read: those of the days that spans count in. How long ago a last day was
    is seen there mostly; who was not active in them is left to the roll-ups.

    `head` and `given` are how a query begins that reads of the cases as `c`, and its parameters.
    """
    reach = max(span.days + span.until for span in spans if span.last is None)
    found, unsure = _blocks(bitmaps, reach, given, head, len(cases))
    ends, births = day_numbers(cases.days) - 1, day_numbers(born) - 1
    worked = np.asarray([rules.work_from(day).toordinal() - 1 for day in cases.days]) if any(
        span.recent for span in spans
    ) else ends  # fmt: skip
    read_from = (ends - reach + 1) // BLOCK_DAYS * BLOCK_DAYS
    told = []
    for span in spans:
        last = ends - span.until
        first = np.maximum(worked if span.recent else last - span.days + 1, births)
        mask = _mask(found, first, last)
        if span.last is not None:
            by_day, values = _last(found, mask, span.last, len(cases))
            told.append(Told(values, unsure | (by_day < 0) & (first < read_from)))
        else:
            values = _worked(found, mask, rules, len(cases)) if span.working else _distinct(found, mask, len(cases))
            told.append(Told(values, unsure))
    return told, len(found.case)


def _blocks(
    bitmaps: Bitmaps, reach: int, given: Mapping[str, Any], head: str, size: int
) -> tuple[Blocks, NDArray[np.bool_]]:
    query = f"""{head}select c.i, f.{bitmaps.who}, f.block, f.days, f.weeks,
    (f.changed_on > c.known_on or {bitmaps.unsure})::int
from cases c
join {bitmaps.table} f on f.account_id = c.account_id
    and f.block between (c.day - {reach} + 1 - date '0001-01-01') / {BLOCK_DAYS} and (c.day - date '0001-01-01') / {BLOCK_DAYS}
    and {bitmaps.where}"""
    types = ("int4", "int8", "int4", "int8", "int8", "int4")
    case, who, block, days, weeks, uncertain = fetch(query, given, types)
    unsure = np.zeros(size, dtype=np.bool_)
    unsure[case[uncertain != 0]] = True
    # They come in this order nearly always, and it costs PostgreSQL more to see to it.
    order = np.lexsort((who, case))
    case, who, block, days, weeks = (column[order] for column in (case, who, block, days, weeks))
    others = np.ones(len(case), dtype=np.bool_)
    others[1:] = (case[1:] != case[:-1]) | (who[1:] != who[:-1])
    blocks = Blocks(
        case.astype(np.int64), block.astype(np.int64), days.view(np.uint64), weeks.view(np.uint64),
        np.flatnonzero(others),
    )  # fmt: skip
    return blocks, unsure


def _mask(found: Blocks, first: Ints, last: Ints) -> Bits:
    """Of each block the bits of the days from `first` to `last` of its case."""
    begins = found.block * BLOCK_DAYS
    low = np.clip(first[found.case] - begins, 0, BLOCK_DAYS)
    high = np.clip(last[found.case] - begins + 1, 0, BLOCK_DAYS)
    mask: Bits = _BELOW[high] & ~_BELOW[np.minimum(low, high)]
    return mask


def _distinct(found: Blocks, mask: Bits, size: int) -> Floats:
    if not len(found.case):
        return np.zeros(size)
    active = np.logical_or.reduceat((found.days | found.weeks) & mask != 0, found.starts)
    return np.asarray(
        np.bincount(found.case[found.starts], weights=active.astype(np.float64), minlength=size), dtype=np.float64
    )


def _worked(found: Blocks, mask: Bits, rules: Rules, size: int) -> Floats:
    if not len(found.case):
        return np.zeros(size)
    blocks, which = np.unique(found.block, return_inverse=True)
    working = np.asarray([_working(int(block), rules) for block in blocks], dtype=np.uint64)
    days = np.bitwise_count(found.days & mask & working[which]).astype(np.float64)
    return np.asarray(np.bincount(found.case, weights=days, minlength=size), dtype=np.float64)


def _last(found: Blocks, mask: Bits, which: Last, size: int) -> tuple[Ints, Floats]:
    """Per case the last day that was counted by the day, −1 without any, and what is asked for."""
    by_day, by_week = (_highest(found, bits & mask, size) for bits in (found.days, found.weeks))
    by_week = np.where(by_week > by_day, by_week, -1)
    asked = {Last.BY_DAY: by_day, Last.BY_WEEK: by_week, Last.EITHER: np.maximum(by_day, by_week)}[which]
    nothing = np.nan if which is Last.EITHER else -np.inf
    # Days are numbered from 1, as Python does it.
    return by_day, np.where(asked < 0, nothing, asked + 1.0)


def _highest(found: Blocks, bits: Bits, size: int) -> Ints:
    """Per case the last day whose bit is set, −1 without any."""
    for step in (1, 2, 4, 8, 16, 32):
        bits = bits | bits >> np.uint64(step)
    days = np.where(bits > 0, found.block * BLOCK_DAYS + np.bitwise_count(bits) - 1, -1)
    highest = np.full(size, -1, dtype=np.int64)
    np.maximum.at(highest, found.case, days)
    return highest


def _working(block: int, rules: Rules) -> int:
    """The bits of a block's working days."""
    first = 1 + block * BLOCK_DAYS
    return sum(1 << n for n in range(BLOCK_DAYS) if rules.is_working(dt.date.fromordinal(first + n)))
