"""Usage read from bitmaps of active days: the same numbers as from the roll-ups themselves, from far fewer rows.

Bitmaps say what is known now. Where something about a block was learned after a case's moment, they cannot tell what was
known then, and the case is left to the roll-ups.
"""

import datetime as dt
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


@dataclass(frozen=True)
class Span:
    """Days to count in: `days` of them that end `until` before the case's day, or the last five that are worked on.

    Counted are distinct users or features; `working`: one by one, on each working day, by the day only.
    """

    days: int
    until: int = 0
    working: bool = False
    recent: bool = False


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


def summed(
    bitmaps: Bitmaps, spans: Sequence[Span], cases: Cases, *, born: Sequence[dt.date], rules: Rules,
    given: Mapping[str, Any], head: str,
) -> tuple[list[Floats], NDArray[np.bool_], int]:  # fmt: skip
    """What each span counts for each case; for which cases it cannot be told; and how many rows were read.

    `head` and `given` are how a query begins that reads of the cases as `c`, and its parameters.
    """
    found, unsure = _blocks(bitmaps, max(span.days + span.until for span in spans), given, head, len(cases))
    ends, births = day_numbers(cases.days) - 1, day_numbers(born) - 1
    worked = np.asarray([rules.work_from(day).toordinal() - 1 for day in cases.days]) if any(
        span.recent for span in spans
    ) else ends  # fmt: skip
    counts = []
    for span in spans:
        last = ends - span.until
        first = np.maximum(worked if span.recent else last - span.days + 1, births)
        mask = _mask(found, first, last)
        counts.append(_worked(found, mask, rules, len(cases)) if span.working else _distinct(found, mask, len(cases)))
    return counts, unsure, len(found.case)


def _blocks(
    bitmaps: Bitmaps, reach: int, given: Mapping[str, Any], head: str, size: int
) -> tuple[Blocks, NDArray[np.bool_]]:
    query = f"""{head}select c.i, f.{bitmaps.who}, f.block, f.days, f.weeks,
    (f.changed_on > c.known_on or {bitmaps.unsure})::int
from cases c
join {bitmaps.table} f on f.account_id = c.account_id
    and f.block between (c.day - {reach} + 1 - date '0001-01-01') / {BLOCK_DAYS} and (c.day - date '0001-01-01') / {BLOCK_DAYS}
    and {bitmaps.where}
order by 1, 2"""
    types = ("int4", "int8", "int4", "int8", "int8", "int4")
    case, who, block, days, weeks, uncertain = fetch(query, given, types)
    unsure = np.zeros(size, dtype=np.bool_)
    unsure[case[uncertain != 0]] = True
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


def _working(block: int, rules: Rules) -> int:
    """The bits of a block's working days."""
    first = 1 + block * BLOCK_DAYS
    return sum(1 << n for n in range(BLOCK_DAYS) if rules.is_working(dt.date.fromordinal(first + n)))
